import { limits } from '../../base/limits.ts';
import type { FieldPath } from '../finding.ts';
import { nameWords } from '../name-wording.ts';
import { checkConfigMapKey } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { ConfigMap, Secret } from '../types.gen.ts';
import { invalidValue, requiredValue, tooLong } from '../wording.ts';

type Data = Readonly<Record<string, string | undefined>>;

/** Source: core/v1 validation.go ValidateConfigMap, ValidateSecret. */
const configMap: Rule = {
  on: typeNamed('core/v1.ConfigMap'),
  check({ data = {}, binaryData = {} }: Sound<ConfigMap>, at) {
    checkKeys(at, data, 'data');
    checkKeys(at, binaryData, 'binaryData');
    for (const key of Object.keys(binaryData))
      if (Object.hasOwn(data, key))
        at.error('duplicate-entry', ['binaryData', key], 'is a key of data too', {
          wording: invalidValue(key, 'duplicate of key present in data'),
        });
    // Kubernetes names no field here.
    checkSize(at, sizeOf(data) + sizeOfBase64(binaryData), ['']);
  },
};

/** What a Secret of a built-in type must hold. Several lists: one of them is enough. */
const TYPE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

const secret: Rule = {
  on: typeNamed('core/v1.Secret'),
  check({ data = {}, stringData = {}, type = '', metadata }: Sound<Secret>, at) {
    checkKeys(at, data, 'data');
    checkKeys(at, stringData, 'stringData');
    checkSize(at, sizeOfBase64(data) + sizeOf(stringData), ['data']);
    const has = (key: string): boolean => Object.hasOwn(data, key) || Object.hasOwn(stringData, key);
    for (const key of TYPE_KEYS.get(type) ?? [])
      if (!has(key))
        at.error('invalid-secret', ['data', key], `is required in a Secret of type ${type}`, {
          wording: requiredValue(),
        });
    if (type === 'kubernetes.io/basic-auth' && !has('username') && !has('password'))
      at.error('invalid-secret', ['data'], `must hold username or password in a Secret of type ${type}`, {
        wording: requiredValue(),
        apiPath: ['data', 'username'],
      });
    if (
      type === 'kubernetes.io/service-account-token' &&
      metadata?.annotations?.[ACCOUNT_ANNOTATION] === undefined
    )
      at.error(
        'invalid-secret',
        ['metadata', 'annotations', ACCOUNT_ANNOTATION],
        `is required in a Secret of type ${type}`,
        { wording: requiredValue() },
      );
  },
};

function checkKeys(at: At, data: Data, field: string): void {
  for (const key of Object.keys(data))
    for (const wrong of checkConfigMapKey(key))
      at.error('invalid-key', [field, key], `has a bad key: ${wrong}`, {
        wording: invalidValue(key, nameWords(wrong)),
      });
}

function checkSize(at: At, bytes: number, apiPath: FieldPath): void {
  if (bytes > limits.configDataBytesMax)
    at.error(
      'too-large',
      ['data'],
      `holds ${bytes} bytes; at most ${limits.configDataBytesMax} are allowed`,
      {
        wording: tooLong(limits.configDataBytesMax),
        apiPath,
      },
    );
}

function sizeOf(data: Data): number {
  return Object.values(data).reduce((bytes, text) => bytes + Buffer.byteLength(text ?? ''), 0);
}

function sizeOfBase64(data: Data): number {
  return Object.values(data).reduce((bytes, text) => bytes + Buffer.byteLength(text ?? '', 'base64'), 0);
}

export const configData: readonly Rule[] = [configMap, secret];
