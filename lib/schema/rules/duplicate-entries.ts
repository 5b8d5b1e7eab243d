import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KeyedList } from '../compiled-type.ts';
import type { FieldPath } from '../finding.ts';
import type { Said } from '../finding-list.ts';
import { goStruct, goText } from '../go-value.ts';
import type { At } from '../rule.ts';
import { duplicateText, duplicateValue, invalidValue } from '../wording.ts';

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

/** Lists whose entries are told of as wrong values, not as double ones. */
const MUST_BE_UNIQUE: ReadonlySet<string> = new Set([
  'Container.volumeMounts',
  'EphemeralContainer.volumeMounts',
  'Container.volumeDevices',
  'EphemeralContainer.volumeDevices',
]);

/** What the API says: of one key at the key, of several of the whole entry. */
function duplicateWords(
  list: string,
  of: { readonly item: JsonObject; readonly keys: readonly string[]; readonly path: FieldPath },
): Said {
  const { item, keys, path } = of;
  if (list === 'ServiceSpec.ports') return { wording: duplicateText(goServicePort(item)) };
  const [key, another] = keys;
  if (key === undefined || another !== undefined) return { wording: duplicateValue(item) };
  const wording = MUST_BE_UNIQUE.has(list)
    ? invalidValue(item[key], 'must be unique')
    : duplicateValue(item[key]);
  return { wording, apiPath: [...path, key] };
}

/** A Service's port, as the API prints it. */
function goServicePort({ name, protocol, appProtocol, port, targetPort, nodePort }: JsonObject): string {
  const text = typeof targetPort === 'string' ? targetPort : '';
  return goStruct('core.ServicePort', {
    Name: goText(name),
    Protocol: goText(protocol ?? 'TCP'),
    AppProtocol: appProtocol === undefined ? '(*string)(nil)' : goText(appProtocol),
    Port: String(port ?? 0),
    TargetPort: goStruct('intstr.IntOrString', {
      Type: text === '' ? '0' : '1',
      IntVal: String(typeof targetPort === 'number' ? targetPort : 0),
      StrVal: goText(text),
    }),
    NodePort: String(nodePort ?? 0),
  });
}

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
      const owner = typeName.slice(typeName.lastIndexOf('.') + 1);
      const lenient = LENIENT.has(`${owner}.${name}`);
      const told = `has the same ${keys.join(' and ')} (${shown.join(', ')}) as ${name}[${first}]`;
      if (lenient) at.warning('duplicate-entry', [name, index], `${told}; the last one counts`);
      else
        at.error(
          'duplicate-entry',
          [name, index],
          told,
          duplicateWords(`${owner}.${name}`, { item, keys, path: [name, index] }),
        );
    }
  }
}
