import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { itemsAt, memberAt, textAt, textsAt } from './member-at.ts';

export const NONE = '<none>';
export const UNSET = '<unset>';

/** What stands at a path, or what kubectl prints in its absence. */
export function orElse(otherwise: string, ...path: readonly string[]): (object: JsonObject) => string {
  return (object) => textAt(object, ...path) || otherwise;
}

/** `app=web,tier=front`, by key; `<none>` when there are none. */
export function labelsText(labels: JsonValue | undefined): string {
  if (!isObject(labels)) return NONE;
  const texts = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${textAt(labels, key)}`);
  return texts.join(',') || NONE;
}

/** A label selector as text: `app=web,tier in (a,b),!old`; `<none>` when it selects everything or nothing. */
export function selectorText(selector: JsonValue | undefined): string {
  const labels = memberAt(selector, 'matchLabels');
  const equal = isObject(labels)
    ? Object.keys(labels).map((key) => ({ key, text: `${key}=${textAt(labels, key)}` }))
    : [];
  const others = itemsAt(selector, 'matchExpressions').map((row) => {
    const key = textAt(row, 'key');
    return { key, text: expressionText(key, textAt(row, 'operator'), [...textsAt(row, 'values')].sort()) };
  });
  const sorted = [...equal, ...others].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map((row) => row.text).join(',') || NONE;
}

function expressionText(key: string, operator: string, values: readonly string[]): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

/** The first three, and how many more there are. */
export function firstThree(texts: readonly string[], otherwise: string): string {
  if (texts.length === 0) return otherwise;
  const shown = texts.slice(0, 3).join(',');
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}

/** Names and images of the containers of a pod template, as `-o wide` prints them. */
export function containersText(podSpec: JsonValue | undefined, member: 'name' | 'image'): string {
  return itemsAt(podSpec, 'containers')
    .map((container) => textAt(container, member))
    .join(',');
}
