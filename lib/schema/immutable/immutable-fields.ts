import { deepEqual, isArray, isObject, type JsonValue } from '../../base/json.ts';
import type { FieldPath } from '../finding.ts';
import type { FindingList, Said } from '../finding-list.ts';
import type { KubeObject } from '../object.ts';

/** Compares an object with what it is to become, field by field, and reports what may not change. */
export class ImmutableFields {
  private readonly update: { readonly old: KubeObject; readonly new: KubeObject };
  private readonly list: FindingList;

  constructor(update: { readonly old: KubeObject; readonly new: KubeObject }, list: FindingList) {
    this.update = update;
    this.list = list;
  }

  /** The field may not change at all. */
  keep(path: FieldPath, why?: string, said?: Said): void {
    if (!deepEqual(this.was(path), this.becomes(path))) this.refuse(path, why, said);
  }

  /** Of the object at `path`, only these fields may change. */
  keepExcept(path: FieldPath, open: readonly string[], said?: Said): void {
    const old = this.was(path);
    const changed = this.becomes(path);
    const before = isObject(old) ? old : {};
    const after = isObject(changed) ? changed : {};
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      if (!open.includes(name) && !deepEqual(before[name], after[name]))
        this.refuse([...path, name], undefined, said);
  }

  /** It may be set where it was not; then it stays. */
  keepOnceSet(path: FieldPath, said?: Said): void {
    const old = this.was(path);
    const changed = this.becomes(path);
    if (old === undefined || old === '' || deepEqual(old, changed)) return;
    // Left out means left as it is: the API fills it in again.
    if (changed !== undefined && changed !== '') this.refuse(path, undefined, said);
  }

  /** The first entry of the list, once there is one, stays. */
  keepFirst(path: FieldPath, said?: Said): void {
    const old = this.was(path);
    const changed = this.becomes(path);
    if (!isArray(old) || !isArray(changed) || old.length === 0 || changed.length === 0) return;
    if (!deepEqual(old[0], changed[0])) this.refuse([...path, 0], undefined, said);
  }

  was(path: FieldPath): JsonValue | undefined {
    return valueAt(this.update.old, path);
  }

  becomes(path: FieldPath): JsonValue | undefined {
    return valueAt(this.update.new, path);
  }

  /** `why` follows the path; `said`: how the API words it. */
  refuse(path: FieldPath, why = 'cannot be changed once the object exists', said?: Said): void {
    this.list.add('error', 'immutable-field', path, why, said);
  }
}

function valueAt(object: KubeObject, path: FieldPath): JsonValue | undefined {
  let at: JsonValue | undefined = object as JsonValue;
  for (const part of path) {
    if (isArray(at) && typeof part === 'number') at = at[part];
    else if (isObject(at)) at = at[part];
    else return undefined;
  }
  return at ?? undefined;
}
