import type { JsonObject } from '../../base/json.ts';
import { type FieldSet, isEmptySet } from './field-set.ts';

/** What nobody owns: the name of an object and what the server writes. Source: apiserver stripMeta. */
const UNOWNED_METADATA: ReadonlySet<string> = new Set(
  [
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => `f:${name}`),
);
const UNOWNED: ReadonlySet<string> = new Set(['f:apiVersion', 'f:kind']);

/** The set without what nobody owns. */
export function ownable(set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    if (UNOWNED.has(element)) continue;
    const kept = element === 'f:metadata' ? ownableMetadata(child) : child;
    if (!isEmptySet(kept)) children.set(element, kept);
  }
  return { self: false, children };
}

function ownableMetadata(set: FieldSet): FieldSet {
  return {
    self: false,
    children: new Map([...set.children].filter(([element]) => !UNOWNED_METADATA.has(element))),
  };
}

/** The object as it stands in comparisons: without its managedFields. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null || !('managedFields' in metadata)) return object;
  const { managedFields: _managedFields, ...rest } = metadata as JsonObject;
  return { ...object, metadata: rest };
}
