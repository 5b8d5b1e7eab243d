import type { FieldPath } from '../finding.ts';
import { checkConfigMapKey, checkDns1123Label } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { KeyToPath, Volume } from '../types.gen.ts';
import { forbiddenField, invalidValue, requiredValue } from '../wording.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';
import { pathWords } from './path-words.ts';
import { checkNotNegative } from './resources.ts';

const FILE_MODE_MAX = 0o777;
const FILE_MODE_WORDS = 'must be a number between 0 and 0777 (octal), both inclusive';
const TOO_MANY_SOURCES = forbiddenField('may not specify more than 1 volume type');

/** Source: core/v1 validation.go validateVolumes. */
const volume: Rule = {
  on: typeNamed('core/v1.Volume'),
  check(value: Sound<Volume>, at) {
    checkText(at, value.name, { path: ['name'], check: checkDns1123Label });
    const sources = Object.entries(value).filter(
      ([field, source]) => field !== 'name' && source !== undefined,
    );
    if (sources.length > 1)
      at.error('one-of', [], `has more than one source: ${sources.map(([field]) => field).join(', ')}`, {
        wording: TOO_MANY_SOURCES,
        apiPath: [sources[1]?.[0] ?? ''],
      });
    if (value.hostPath !== undefined) {
      const path = value.hostPath.path ?? '';
      if (path.split('/').includes('..'))
        at.error('invalid-path', ['hostPath', 'path'], 'must not contain `..`', {
          wording: invalidValue(path, "must not contain '..'"),
        });
    }
    for (const source of ['secret', 'configMap', 'downwardAPI', 'projected'] as const)
      checkRange(at, value[source]?.defaultMode, {
        path: [source, 'defaultMode'],
        min: 0,
        max: FILE_MODE_MAX,
        why: FILE_MODE_WORDS,
      });
    if (value.secret !== undefined && (value.secret.secretName ?? '') === '')
      at.error('missing-field', ['secret', 'secretName'], 'is required', {
        wording: requiredValue(),
      });
    if (value.configMap !== undefined && (value.configMap.name ?? '') === '')
      at.error('missing-field', ['configMap', 'name'], 'is required', {
        wording: requiredValue(),
      });
    checkNotNegative(at, value.emptyDir?.sizeLimit, ['emptyDir', 'sizeLimit']);
    value.projected?.sources?.forEach((source, index) => {
      const path: FieldPath = ['projected', 'sources', index];
      if (Object.values(source).filter((one) => one !== undefined).length > 1)
        at.error('one-of', path, 'has more than one source', { wording: TOO_MANY_SOURCES });
      const lifeSeconds = source.serviceAccountToken?.expirationSeconds;
      checkRange(at, lifeSeconds, {
        path: [...path, 'serviceAccountToken', 'expirationSeconds'],
        min: 600,
        max: 2 ** 32,
        why:
          (lifeSeconds ?? 0) < 600
            ? 'may not specify a duration less than 10 minutes'
            : 'may not specify a duration larger than 2^32 seconds',
      });
    });
  },
};

const item: Rule = {
  on: typeNamed('core/v1.KeyToPath'),
  check({ key, path, mode }: Sound<KeyToPath>, at) {
    checkText(at, key, { path: ['key'], check: checkConfigMapKey, ruleId: 'invalid-key' });
    checkRelativePath(at, path, ['path']);
    checkRange(at, mode, { path: ['mode'], min: 0, max: FILE_MODE_MAX, why: FILE_MODE_WORDS });
  },
};

const downwardFile: Rule = {
  on: typeNamed('core/v1.DownwardAPIVolumeFile'),
  check({ path }: Sound<{ path: string }>, at) {
    checkRelativePath(at, path, ['path']);
  },
};

function checkRelativePath(at: At, text: string | undefined, path: FieldPath): void {
  if (text === undefined) return;
  if (text.startsWith('/') || text.split('/').some((part) => part === '..') || text.startsWith('..'))
    at.error('invalid-path', path, 'must be relative, and lead nowhere above it', {
      wording: invalidValue(text, pathWords(text)),
    });
}

export const volumes: readonly Rule[] = [volume, item, downwardFile];
