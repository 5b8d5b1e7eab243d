import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KeyedList } from '../compiled-type.ts';
import type { At } from '../rule.ts';

/** Upstream takes these twice and lets the last one win (kubectl warns). `Type.field`. */
const LENIENT: ReadonlySet<string> = new Set([
  'Container.env',
  'Container.ports',
  'EphemeralContainer.env',
  'EphemeralContainer.ports',
  'PodSpec.imagePullSecrets',
  'PodSpec.hostAliases',
  'ServiceAccount.secrets',
  'ServiceAccount.imagePullSecrets',
]);

/** What a key field is when it is left out. */
const KEY_DEFAULTS: Readonly<Record<string, string>> = { protocol: 'TCP' };

/** Two entries of one list with the same key, in every list the facts give keys for. */
export function checkDuplicates(
  typeName: string,
  value: JsonObject,
  lists: readonly KeyedList[],
  at: At,
): void {
  for (const { name, keys } of lists) {
    const list = value[name];
    if (!isArray(list) || list.length < 2) continue;
    const seen = new Map<string, number>();
    for (const [index, item] of list.entries()) {
      if (!isObject(item) || keys.every((key) => item[key] === undefined)) continue;
      const shown = keys.map((key) => item[key] ?? KEY_DEFAULTS[key] ?? '');
      const key = JSON.stringify(shown);
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, index);
        continue;
      }
      const lenient = LENIENT.has(`${typeName.slice(typeName.lastIndexOf('.') + 1)}.${name}`);
      const told = `has the same ${keys.join(' and ')} (${shown.join(', ')}) as ${name}[${first}]`;
      if (lenient) at.warning('duplicate-entry', [name, index], `${told}; the last one counts`);
      else at.error('duplicate-entry', [name, index], told);
    }
  }
}
