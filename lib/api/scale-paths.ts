import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { CustomScale } from '../schema/custom/custom-kind.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';

const USUAL: CustomScale = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: null,
};

/** Where the numbers of a Scale stand in objects of a kind; custom resources say it of themselves. */
export function scalePaths(kind: Kind): CustomScale {
  return kind.custom?.versions.get(kind.version)?.scale ?? USUAL;
}

export function valueIn(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (found, name) => (isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined),
    object,
  );
}

/** A copy with a value at a path; what stands in its way is replaced. */
export function withValueIn(
  object: KubeObject,
  path: readonly string[],
  value: JsonValue | undefined,
): KubeObject {
  return put(object, path, value) as KubeObject;
}

function put(at: JsonValue | undefined, path: readonly string[], value: JsonValue | undefined): JsonObject {
  const [first = '', ...rest] = path;
  const members: JsonObject = isObject(at) ? at : {};
  const below = Object.hasOwn(members, first) ? members[first] : undefined;
  return { ...members, [first]: rest.length === 0 ? value : put(below, rest, value) };
}
