import { type EpochMs, fromRfc3339, toRfc3339 } from '../../base/clock.ts';
import { UserError } from '../../base/errors.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { emptySet, type FieldSet, isEmptySet, union } from './field-set.ts';
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts';

export const managerOperations = ['Apply', 'Update'] as const;
export type ManagerOperation = (typeof managerOperations)[number];

/** One writer of an object and what it owns of it: an entry of metadata.managedFields. */
export type Manager = {
  readonly manager: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | null;
  readonly fields: FieldSet;
};

/** Managers by managerKey. */
export type Managers = ReadonlyMap<string, Manager>;

export type ManagerName = Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** Tells managers apart. One that applies is the same whatever version it applies in. */
export function managerKey({ manager, operation, apiVersion, subresource }: ManagerName): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** The entries of metadata.managedFields. @throws UserError INVALID_MANAGED_FIELDS */
export function readManagers(managedFields: JsonValue | undefined): Managers {
  const managers = new Map<string, Manager>();
  if (managedFields === undefined || managedFields === null) return managers;
  if (!isArray(managedFields) || managedFields.length > limits.managedFieldsEntriesMax)
    throw invalid(`at most ${limits.managedFieldsEntriesMax} entries in a list`);
  for (const entry of managedFields) {
    const manager = readManager(entry);
    const key = managerKey(manager);
    const before = managers.get(key);
    const fields = union(before?.fields ?? emptySet, manager.fields);
    managers.set(key, { ...manager, fields });
  }
  return managers;
}

function readManager(entry: JsonValue): Manager {
  if (!isObject(entry)) throw invalid('every entry is an object');
  const operation = managerOperations.find((known) => known === entry.operation);
  if (operation === undefined) throw invalid('the operation of an entry is Apply or Update');
  if (entry.fieldsType !== undefined && entry.fieldsType !== 'FieldsV1')
    throw invalid('the fieldsType of an entry is FieldsV1');
  const text = (name: string): string => {
    const value = entry[name];
    return typeof value === 'string' ? value.slice(0, limits.managerNameCharsMax) : '';
  };
  return {
    manager: text('manager'),
    operation,
    apiVersion: text('apiVersion'),
    subresource: text('subresource'),
    time: typeof entry.time === 'string' && fromRfc3339(entry.time) !== null ? entry.time : null,
    fields: fromFieldsV1(entry.fieldsV1),
  };
}

function invalid(what: string): UserError {
  return new UserError('INVALID_MANAGED_FIELDS', `managedFields cannot be read: ${what}.`);
}

/** metadata.managedFields of these managers, in Kubernetes' order: by operation, time, name. Managers of nothing are left out. */
export function writeManagers(managers: Managers): readonly JsonObject[] {
  return [...managers.values()]
    .filter(({ fields }) => !isEmptySet(fields))
    .sort(byAge)
    .map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === null ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

function byAge(a: Manager, b: Manager): number {
  const rows: readonly [string, string][] = [
    [a.operation, b.operation],
    [a.time ?? '', b.time ?? ''],
    [a.manager, b.manager],
    [a.apiVersion, b.apiVersion],
    [a.subresource, b.subresource],
  ];
  for (const [left, right] of rows) if (left !== right) return left < right ? -1 : 1;
  return 0;
}

/** Managers with another set for one of them; `fields: null` lets it go. */
export function withManager(
  managers: Managers,
  name: ManagerName,
  set: FieldSet | null,
  now: EpochMs,
): Managers {
  const changed = new Map(managers);
  const key = managerKey(name);
  if (set === null || isEmptySet(set)) changed.delete(key);
  else changed.set(key, { ...name, time: toRfc3339(now), fields: set });
  return changed;
}

/** Who made the changes of updates so old that their managers are no longer told apart. Source: apiserver capManagersManager. */
const ANCIENT = 'ancient-changes';

/** At most so many managers that update; the oldest become one. Those that apply are never merged. */
export function cappedManagers(managers: Managers): Managers {
  const updating = [...managers.entries()].filter(([, { operation }]) => operation === 'Update');
  if (updating.length <= limits.updateManagersMax) return managers;
  const oldest = updating.sort(([, a], [, b]) => byAge(a, b));
  const capped = new Map(managers);
  let left = updating.length;
  for (const [key, manager] of oldest) {
    if (left < limits.updateManagersMax) break;
    const name: ManagerName = {
      manager: ANCIENT,
      operation: 'Update',
      apiVersion: manager.apiVersion,
      subresource: '',
    };
    const ancient = managerKey(name);
    if (key === ancient) continue;
    const before = capped.get(ancient);
    capped.delete(key);
    left -= before === undefined ? 0 : 1;
    capped.set(ancient, {
      ...name,
      time: manager.time,
      fields: union(before?.fields ?? emptySet, manager.fields),
    });
  }
  return capped;
}
