import type { CustomKind } from './custom/custom-kind.ts';
import type { KindRef } from './object.ts';

/** One field of a type, from facts.json. */
export type FieldDef = {
  /** `string`, `integer:int32`, `boolean`, `map<…>`, `…[]`, or the full name of another type. */
  readonly type: string;
  readonly required?: boolean;
  /** An explicit zero on the wire means zero (elsewhere it means absent). */
  readonly pointer?: boolean;
  readonly default?: unknown;
  readonly values?: readonly string[];
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** Protobuf field number. */
  readonly number?: number;
};

export type TypeDef = {
  readonly fields?: Readonly<Record<string, FieldDef>>;
  /** A scalar with a form of its own: `int-or-string`, `string:date-time`, `object`, `any`. */
  readonly is?: string;
  readonly mapType?: 'atomic' | 'granular';
  /** Members it does not name may be there, and are any value. */
  readonly open?: boolean;
};

export const subresources = ['status', 'scale', 'ephemeralcontainers'] as const;
export type Subresource = (typeof subresources)[number];

/** One row of the table of kinds: whatever the program needs to know of a kind that is not in its type. */
export type Kind = KindRef & {
  /** The version objects are stored and handed around in. */
  readonly version: string;
  /** Every version that is read (the stored one included); others are converted. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** The full name of the type in the facts, e.g. `io.k8s.api.apps.v1.Deployment`. */
  readonly typeName: string;
  /** Something in Pintle acts on objects of this kind today; others are stored and say so. */
  readonly runs: boolean;
  /** Kept by Pintle for itself (inventory and the like): never written by manifests. */
  readonly internal: boolean;
  /** A CustomResourceDefinition brought it, with this. */
  readonly custom?: CustomKind;
};

/** The Kubernetes API as data. An argument everywhere, never a global: CRDs add to it. */
export interface Schema {
  readonly kinds: readonly Kind[];
  /** The kind that serves this apiVersion and kind, in any version it is read in; undefined when unknown. */
  kindOf(apiVersion: string, kind: string): Kind | undefined;
  /** The kind by group and kind, version aside. */
  kind(ref: KindRef): Kind | undefined;
  /** The kind by group and plural, as URLs name it. */
  kindByPlural(group: string, plural: string): Kind | undefined;
  type(typeName: string): TypeDef | undefined;
}
