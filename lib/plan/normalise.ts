import { cloneJson, deepEqual, isObject, type JsonObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { ObjectMeta } from '../schema/types.gen.ts';

/** Metadata that only the server writes; a manifest that carries it (an export of live state) does not mean it. */
const SERVER_METADATA = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;

/** Worked out once for an object: those of manifests are shared by all passes and never changed. Goes with its object. */
const known = new WeakMap<KubeObject, KubeObject>();

/** `normalise`, the same value for the same object; most objects are in that form as they are written, and are not held twice. */
export function normalised(object: KubeObject): KubeObject {
  let form = known.get(object);
  if (form === undefined) {
    const fresh = normalise(object);
    form = deepEqual(fresh, object) ? object : fresh;
    known.set(object, form);
  }
  return form;
}

/**
 * What a manifest asks for, in the form that is compared and kept as base: no status, no server metadata, no nulls
 * (absent, to Kubernetes), a Secret's stringData folded into data so that removing a key from git removes it live.
 */
export function normalise(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = withoutNulls(object) as KubeObject;
  const metadata: Record<string, unknown> = { ...rest.metadata };
  for (const field of SERVER_METADATA) delete metadata[field];
  const folded = rest.kind === 'Secret' && rest.apiVersion === 'v1' ? foldStringData(rest) : rest;
  return { ...(folded as KubeObject), metadata: metadata as ObjectMeta };
}

function foldStringData(secret: JsonObject): JsonObject {
  const { stringData, ...rest } = secret;
  if (!isObject(stringData)) return rest;
  const encoded: Record<string, string> = {};
  for (const [key, value] of Object.entries(stringData)) {
    encoded[key] = Buffer.from(String(value), 'utf8').toString('base64');
  }
  return { ...rest, data: { ...(isObject(rest.data) ? rest.data : {}), ...encoded } };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === null ? null : withoutNulls(item)));
  if (!isObject(value)) return cloneJson(value);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined && member !== null && key !== '__proto__') copy[key] = withoutNulls(member);
  }
  return copy;
}
