import { canonicalJson, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../object.ts';
import type { Schema } from '../schema.ts';
import { compareObjects } from './compare-objects.ts';
import { difference, emptySet, type FieldSet, union } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** The manager of `kubectl apply --server-side`; only it takes over from a client-side apply. */
const KUBECTL = 'kubectl';

function lastAppliedText(object: KubeObject): string | undefined {
  const annotations = object.metadata.annotations;
  return annotations !== undefined && Object.hasOwn(annotations, LAST_APPLIED)
    ? annotations[LAST_APPLIED]
    : undefined;
}

/**
 * The fields kubectl may take without asking: those that a client-side apply of it set and nobody changed since. Source:
 * apiserver lastAppliedManager.
 */
export function takenFromClientSide(
  schema: Schema,
  of: { readonly typeName: string; readonly live: KubeObject; readonly manager: string },
): FieldSet {
  const text = lastAppliedText(of.live);
  const applied = of.manager === KUBECTL && text !== undefined ? parsed(text) : undefined;
  if (!isObject(applied)) return emptySet;
  const { added, modified, removed } = compareObjects(schema, {
    typeName: of.typeName,
    before: applied,
    after: of.live,
  });
  const all = fieldSetOf(schema, { typeName: of.typeName, object: applied });
  return difference(all, union(union(added, modified), removed));
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The object whose annotation for client-side applies says what kubectl applied just now, so that it may go back to them. */
export function withLastApplied(
  object: KubeObject,
  of: { readonly live: KubeObject | null; readonly applied: JsonObject; readonly manager: string },
): KubeObject {
  if (of.live === null || of.manager !== KUBECTL || lastAppliedText(of.live) === undefined) return object;
  const { metadata } = of.applied;
  const annotations = {
    ...(isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {}),
  };
  delete annotations[LAST_APPLIED];
  const bare = { ...of.applied, metadata: { ...(isObject(metadata) ? metadata : {}), annotations } };
  const text = `${canonicalJson(bare)}\n`;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [LAST_APPLIED]: text } },
  };
}
