import { isArray, isObject, type JsonValue } from '../base/json.ts';

/**
 * Values as the API server prints those that are no plain text or number: the way Go writes a composite literal. Users know
 * these forms from its messages, and search for them.
 */
const PRINTED_CHARS_MAX = 1000;

function bounded(text: string): string {
  return text.length > PRINTED_CHARS_MAX ? `${text.slice(0, PRINTED_CHARS_MAX)}…` : text;
}

/** `[]string{"a", "b"}`. */
export function goTexts(value: JsonValue | undefined): string {
  if (!isArray(value)) return '[]string(nil)';
  return bounded(`[]string{${value.map((text) => JSON.stringify(text)).join(', ')}}`);
}

/** `map[string]string{"a":"b"}`, its keys in order. */
export function goTextMap(value: JsonValue | undefined): string {
  if (!isObject(value)) return 'map[string]string(nil)';
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(value[key] ?? '')}`);
  return bounded(`map[string]string{${members.join(', ')}}`);
}

/** `name{Field:value, …}`, of fields that are printed already. */
export function goStruct(name: string, fields: Readonly<Record<string, string>>): string {
  const members = Object.entries(fields).map(([field, printed]) => `${field}:${printed}`);
  return bounded(`${name}{${members.join(', ')}}`);
}

export function goText(value: JsonValue | undefined): string {
  return JSON.stringify(typeof value === 'string' ? value : '');
}

/** A metav1.LabelSelector. */
export function goLabelSelector(value: JsonValue | undefined): string {
  if (!isObject(value)) return 'null';
  const list = isArray(value.matchExpressions) ? value.matchExpressions.filter(isObject) : undefined;
  const type = '[]v1.LabelSelectorRequirement';
  const requirements = list?.map((each) =>
    goStruct('v1.LabelSelectorRequirement', {
      Key: goText(each.key),
      Operator: goText(each.operator),
      Values: goTexts(each.values),
    }),
  );
  return goStruct('v1.LabelSelector', {
    MatchLabels: goTextMap(value.matchLabels),
    MatchExpressions: requirements === undefined ? `${type}(nil)` : `${type}{${requirements.join(', ')}}`,
  });
}
