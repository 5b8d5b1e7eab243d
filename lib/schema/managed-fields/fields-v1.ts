import { UserError } from '../../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { childSet, type DraftFieldSet, draftSet, emptySet, type FieldSet } from './field-set.ts';
import { canonicalElement } from './path-element.ts';

/** The set as managedFields has it: `{"f:spec":{"f:replicas":{}}}`; `.` is the place itself where something stands below it. */
export function toFieldsV1(set: FieldSet): JsonObject {
  if (set.children.size === 0) return {};
  const members: [string, JsonValue][] = [];
  if (set.self) members.push(['.', {}]);
  for (const element of [...set.children.keys()].sort())
    members.push([element, toFieldsV1(set.children.get(element) ?? emptySet)]);
  return Object.fromEntries(members);
}

/** The other way. @throws UserError INVALID_MANAGED_FIELDS */
export function fromFieldsV1(fields: JsonValue | undefined): FieldSet {
  const set = draftSet();
  if (fields === undefined || fields === null) return set;
  read(fields, set, 0);
  // The root owns what stands below it, never itself.
  set.self = false;
  return set;
}

function read(fields: JsonValue, set: DraftFieldSet, depth: number): void {
  if (!isObject(fields) || depth > limits.objectDepthMax)
    throw invalid('a set of fields is an object of objects');
  const names = Object.keys(fields);
  if (names.length === 0) set.self = true;
  for (const name of names) {
    if (name === '.') {
      set.self = true;
      continue;
    }
    const element = canonicalElement(name);
    if (element === null) throw invalid(`${JSON.stringify(name.slice(0, 100))} is no element of a path`);
    read(fields[name] ?? null, childSet(set, element), depth + 1);
  }
}

function invalid(what: string): UserError {
  return new UserError('INVALID_MANAGED_FIELDS', `managedFields cannot be read: ${what}.`);
}
