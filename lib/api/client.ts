import type { JsonObject } from '../base/json.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';
import type { KindRef, KubeObject, ObjectRef } from '../schema/object.ts';
import type { Schema, Subresource } from '../schema/schema.ts';

/** Who calls. Carried by every call. */
export type Caller = {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly fieldManager: string;
  readonly dryRun?: boolean;
  /** Its writes say who owns which fields (metadata.managedFields). */
  readonly tracksFields?: boolean;
  /** What becomes of fields the kind has not: refused, left out with a warning, left out. Unset: refused as Invalid. */
  readonly fieldValidation?: FieldValidation;
  /** Hears what was accepted and still deserves a word, in whole sentences or as Kubernetes has them. */
  readonly onWarning?: (text: string) => void;
};

export const fieldValidations = ['Strict', 'Warn', 'Ignore'] as const;
export type FieldValidation = (typeof fieldValidations)[number];

export type ObjectList<T extends KubeObject = KubeObject> = {
  readonly items: readonly T[];
  /** The snapshot's revision: watch from here misses nothing. */
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remainingItemCount?: number;
};

export type ListOptions = {
  /** Unset: all namespaces. */
  readonly namespace?: string;
  /** Kubernetes selector text: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  /** `metadata.name=x,spec.nodeName=y,…`. */
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continueToken?: string;
  /** A revision the list must not be older than; with `exactly`, the one it must be of. Expired, Timeout (not reached yet). */
  readonly resourceVersion?: string;
  readonly exactly?: boolean;
};

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export type WatchOptions = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'> & {
  /** Events after this revision (a list's resourceVersion). */
  readonly resourceVersion: string;
};

export type Watch = { close(): void };

export type WatchListener<T extends KubeObject = KubeObject> = {
  /** A batch in order; never called synchronously from `watch`. */
  onEvents(events: readonly WatchEvent<T>[]): void;
  /** The watch is over: list again. */
  onExpired(): void;
};

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly patch: JsonObject }
  | { readonly type: 'strategic'; readonly patch: JsonObject }
  /** Server-side apply, for the caller's field manager; makes the object when there is none, unless it must exist (then NotFound). */
  | {
      readonly type: 'apply';
      readonly object: KubeObject;
      readonly force: boolean;
      readonly mustExist?: boolean;
    };

export type Preconditions = { readonly uid?: string; readonly resourceVersion?: string };

export type DeleteOptions = {
  readonly gracePeriodSeconds?: number;
  /** Unset: Background. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: Preconditions;
};

export type WriteOptions = {
  readonly subresource?: Subresource;
  /** The version of the kind that a patch speaks of. Unset: the one that is stored. */
  readonly apiVersion?: string;
};

/** One step of a transaction; its meaning is that of the Client method of the same name. */
export type Operation =
  | { readonly op: 'create'; readonly object: KubeObject }
  | { readonly op: 'update'; readonly object: KubeObject; readonly subresource?: Subresource }
  | {
      readonly op: 'patch';
      readonly ref: ObjectRef;
      readonly patch: Patch;
      readonly preconditions?: Preconditions;
      readonly subresource?: Subresource;
      readonly apiVersion?: string;
    }
  | { readonly op: 'delete'; readonly ref: ObjectRef; readonly options?: DeleteOptions };

/**
 * Port: the Kubernetes API. In process a function call, over HTTPS a request. Objects that come back are shared and frozen
 * by agreement: never changed in place. Failures the caller can act on are ApiError; WorldError otherwise.
 */
export interface Client {
  readonly schema: Schema;
  /** Whether `transact` is one atomic commit (a remote cluster's is not). */
  readonly transactional: boolean;
  /** null when there is no such object. */
  get<T extends KubeObject = KubeObject>(ref: ObjectRef, caller: Caller): Promise<T | null>;
  list<T extends KubeObject = KubeObject>(
    kind: KindRef,
    options: ListOptions,
    caller: Caller,
  ): Promise<ObjectList<T>>;
  /** Throws ApiError Expired when resourceVersion is too old. */
  watch<T extends KubeObject = KubeObject>(
    kind: KindRef,
    options: WatchOptions,
    listener: WatchListener<T>,
    caller: Caller,
  ): Watch;
  /** `metadata.generateName` is honoured. AlreadyExists, Invalid, Forbidden (namespace terminating), NotFound (no namespace). */
  create<T extends KubeObject>(object: T, caller: Caller): Promise<T>;
  /** Replaces. With metadata.resourceVersion set, Conflict when it is not current. With `subresource: 'status'` only status changes. */
  update<T extends KubeObject>(object: T, caller: Caller, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    patch: Patch,
    caller: Caller,
    options?: WriteOptions & { readonly preconditions?: Preconditions },
  ): Promise<T>;
  /** The object as it is left (with a deletionTimestamp while finalizers or a grace period hold it), null when it is gone. */
  delete(ref: ObjectRef, options: DeleteOptions, caller: Caller): Promise<KubeObject | null>;
  /** All or nothing, one revision. Results in the order of the operations. Later operations see earlier ones. */
  transact(operations: readonly Operation[], caller: Caller): Promise<readonly (KubeObject | null)[]>;
}
