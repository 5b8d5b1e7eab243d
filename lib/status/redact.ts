import { isObject, type JsonObject } from '../base/json.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';

/** Annotations that repeat the whole object. */
const COPIES = ['kubectl.kubernetes.io/last-applied-configuration'];

/**
 * An object as it may be shown: no Secret value, no copies of the object in annotations, none of the metadata that
 * changes with every write. Secret keys stay, each with the length of its value.
 */
export function redact(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata };
  delete metadata.managedFields;
  delete metadata.resourceVersion;
  if (object.metadata.annotations !== undefined) {
    metadata.annotations = Object.fromEntries(
      Object.entries(object.metadata.annotations).filter(([key]) => !COPIES.includes(key)),
    );
  }
  const shown: KubeObject = { ...object, metadata: metadata as KubeObject['metadata'] };
  if (object.kind !== 'Secret' || groupOf(object.apiVersion) !== '') return shown;
  return { ...shown, data: lengths(object.data), stringData: lengths(object.stringData) };
}

function lengths(data: unknown): JsonObject | undefined {
  if (!isObject(data)) return undefined;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, `<${String(value).length} characters hidden>`]),
  );
}
