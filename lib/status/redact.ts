import { isObject, type JsonObject } from '../base/json.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';

/** Annotations that repeat the whole object. */
const COPIES = ['kubectl.kubernetes.io/last-applied-configuration'];
/** A shorter value could be part of anything. */
const VALUE_CHARACTERS_MIN = 4;

/**
 * An object as it may be shown: no Secret value, no copies of the object in annotations, none of the metadata that
 * changes with every write. Secret keys stay, each with the length of its value; annotations and labels that repeat one
 * are hidden.
 */
export function redact(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata };
  delete metadata.managedFields;
  delete metadata.resourceVersion;
  const { annotations, labels } = object.metadata;
  const values = isSecret(object) ? valuesOf(object) : [];
  if (annotations !== undefined) metadata.annotations = withoutValues(annotations, values);
  if (labels !== undefined) metadata.labels = withoutValues(labels, values);
  const shown: KubeObject = { ...object, metadata: metadata as KubeObject['metadata'] };
  if (!isSecret(object)) return shown;
  return { ...shown, data: lengths(object.data), stringData: lengths(object.stringData) };
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && groupOf(object.apiVersion) === '';
}

/** Every text a Secret's value could be copied as: encoded, plain, and as it stands in JSON. */
function valuesOf({ data, stringData }: KubeObject): readonly string[] {
  const encoded = isObject(data) ? Object.values(data).map(String) : [];
  const plain = isObject(stringData) ? Object.values(stringData).map(String) : [];
  const decoded = encoded.map((value) => Buffer.from(value, 'base64').toString('utf8'));
  return [...encoded, ...plain, ...decoded]
    .flatMap((value) => [value, value.trim(), JSON.stringify(value).slice(1, -1)])
    .filter((value) => value.length >= VALUE_CHARACTERS_MIN);
}

function withoutValues(
  texts: Readonly<Record<string, string>>,
  values: readonly string[],
): Readonly<Record<string, string>> {
  const kept = Object.entries(texts).filter(([key]) => !COPIES.includes(key));
  return Object.fromEntries(
    kept.map(([key, text]) => [
      key,
      values.some((value) => String(text).includes(value)) ? '<hidden: it repeats the data>' : text,
    ]),
  );
}

function lengths(data: unknown): JsonObject | undefined {
  if (!isObject(data)) return undefined;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, `<${String(value).length} characters hidden>`]),
  );
}
