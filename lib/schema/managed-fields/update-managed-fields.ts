import type { EpochMs } from '../../base/clock.ts';
import { UserError } from '../../base/errors.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../object.ts';
import type { Schema } from '../schema.ts';
import { type Comparison, compareObjects } from './compare-objects.ts';
import { difference, emptySet, intersection, isEmptySet, union } from './field-set.ts';
import {
  cappedManagers,
  type Manager,
  type ManagerName,
  type Managers,
  managerKey,
  readManagers,
  withManager,
  writeManagers,
} from './managers.ts';
import { newObjectOf } from './new-object.ts';
import { ownable, withoutManagedFields } from './unowned-fields.ts';

/** One write that is no server-side apply. */
export type TrackedUpdate = {
  readonly schema: Schema;
  /** The type of both objects. */
  readonly typeName: string;
  /** null: the object is created. */
  readonly before: KubeObject | null;
  /** With the managedFields that the caller sent, if any. */
  readonly after: KubeObject;
  readonly manager: string;
  /** The version that was written in, where it has the form of the stored one. Unset: the stored one. */
  readonly apiVersion?: string | undefined;
  /** '' for the object itself, `status`, `scale`… */
  readonly subresource: string;
  readonly now: EpochMs;
};

/**
 * metadata.managedFields after a write: what it changed belongs to its manager, and to nobody else; what it removed belongs to
 * nobody. A caller may set managedFields: what it sends counts as what was before, `[{}]` empties them, none leaves them as they
 * were (clients that do not know them must not lose them). Source: apiserver managedfields.
 */
export function updateManagedFields(update: TrackedUpdate): readonly JsonObject[] {
  const { schema, typeName, before, after, now } = update;
  const managers = managersBefore(update);
  const compared = compareObjects(schema, {
    typeName,
    before: before === null ? newObjectOf(schema, typeName) : withoutManagedFields(before),
    after: withoutManagedFields(after),
  });
  const name: ManagerName = {
    manager: update.manager,
    operation: 'Update',
    apiVersion: update.apiVersion ?? after.apiVersion,
    subresource: update.subresource,
  };
  return writeManagers(cappedManagers(changedBy(managers, name, compared, now)));
}

/** The managers after one of them made these changes, whoever owned what it changed. */
export function changedBy(
  managers: Managers,
  name: ManagerName,
  compared: Comparison,
  now: EpochMs,
): Managers {
  const changed = ownable(union(compared.added, compared.modified));
  const before = managers.get(managerKey(name));
  const left = new Map<string, Manager>();
  for (const [key, manager] of managers) {
    const fields = difference(difference(manager.fields, changed), compared.removed);
    if (!isEmptySet(fields)) left.set(key, { ...manager, fields });
  }
  if (isEmptySet(changed)) return left;
  const kept = difference(before?.fields ?? emptySet, compared.removed);
  return withManager(left, name, union(kept, changed), now);
}

function managersBefore({ before, after, subresource }: TrackedUpdate): Managers {
  const live = managedFieldsOf(before);
  const sent = managedFieldsOf(after);
  if (subresource !== '') return readOr(live, undefined);
  if (isArray(sent) && sent.length === 1 && isObject(sent[0]) && Object.keys(sent[0]).length === 0)
    return new Map();
  if (!isArray(sent) || sent.length === 0) return readOr(live, undefined);
  return readOr(sent, live);
}

function managedFieldsOf(object: KubeObject | null): JsonValue | undefined {
  return object?.metadata.managedFields;
}

/** What cannot be read counts as not sent; what cannot be read of the stored object, as nothing. */
function readOr(managedFields: JsonValue | undefined, otherwise: JsonValue | undefined): Managers {
  try {
    return readManagers(managedFields);
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    return otherwise === undefined ? new Map() : readOr(otherwise, undefined);
  }
}

/** What of a manager's fields others changed: what a write that must not take them conflicts with. */
export function conflictingFields(
  managers: Managers,
  compared: Comparison,
  except: string,
): readonly Manager[] {
  const changed = ownable(union(compared.added, compared.modified));
  return [...managers].flatMap(([key, manager]) => {
    const fields = intersection(manager.fields, changed);
    return key === except || isEmptySet(fields) ? [] : [{ ...manager, fields }];
  });
}
