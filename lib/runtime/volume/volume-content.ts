import { limits } from '../../base/limits.ts';
import { quantityToBytes } from '../../schema/quantity.ts';
import type { KeyToPath, Pod, Volume, VolumeProjection } from '../../schema/types.gen.ts';
import { type DownwardFacts, fieldValue, resourceValue } from '../container/field-value.ts';
import type { VolumeContent } from '../driver.ts';
import {
  configMapBytes,
  configMapKeys,
  type References,
  type Resolved,
  secretBytes,
  secretKeys,
} from '../references.ts';
import { claimContent } from './claim-content.ts';
import { isConfined } from './confined-path.ts';

/**
 * What a volume holds, or why it cannot be filled: `missing` things may come (a ConfigMap that is not there yet), what is
 * `unsupported` never will. `limitations`: what the content leaves out.
 */
export type VolumeVerdict =
  | { readonly is: 'content'; readonly content: VolumeContent; readonly limitations: readonly string[] }
  | { readonly is: 'missing' | 'unsupported'; readonly message: string };

export type VolumeInput = {
  readonly pod: Pod;
  readonly facts: DownwardFacts;
  readonly references: References;
  /** The token that a projected source asks for; unset: nothing issues tokens. */
  readonly tokenFor?: (source: TokenSource) => Resolved<string>;
};

export type TokenSource = NonNullable<VolumeProjection['serviceAccountToken']>;

type File = { readonly path: string; readonly bytes: Uint8Array; readonly mode: number };
type Files =
  | { readonly is: 'files'; readonly files: readonly File[]; readonly limitations?: readonly string[] }
  | { readonly is: 'missing' | 'unsupported'; readonly message: string };

/** Source: core/v1 defaults of the four kinds that hold files. */
const MODE_DEFAULT = 0o644;

const TOKEN_LIMITATION =
  'No API is served here that would issue service account tokens: projected serviceAccountToken files are left out.';

/** The content of one volume of a pod, as its references are now. */
export function volumeContent(volume: Volume, input: VolumeInput): VolumeVerdict {
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected, persistentVolumeClaim } = volume;
  if (emptyDir !== undefined) {
    const { sizeLimit } = emptyDir;
    const sizeLimitBytes = sizeLimit === undefined ? null : quantityToBytes(sizeLimit);
    const content = { kind: 'empty', memory: emptyDir.medium === 'Memory', sizeLimitBytes } as const;
    return { is: 'content', content, limitations: [] };
  }
  if (hostPath !== undefined) {
    const content = { kind: 'host-path', path: hostPath.path, type: hostPath.type ?? '' } as const;
    return { is: 'content', content, limitations: [] };
  }
  if (configMap !== undefined) {
    return ofFiles(configMapFiles(configMap, configMap.defaultMode ?? MODE_DEFAULT, input), false);
  }
  if (secret !== undefined) {
    const source = { ...secret, name: secret.secretName };
    return ofFiles(secretFiles(source, secret.defaultMode ?? MODE_DEFAULT, input), true);
  }
  if (downwardAPI !== undefined) {
    return ofFiles(
      downwardFiles(downwardAPI.items ?? [], downwardAPI.defaultMode ?? MODE_DEFAULT, input),
      false,
    );
  }
  if (projected !== undefined) {
    const mode = projected.defaultMode ?? MODE_DEFAULT;
    const sources = projected.sources ?? [];
    const holdsSecret = sources.some(
      ({ secret, serviceAccountToken }) => secret !== undefined || serviceAccountToken !== undefined,
    );
    return ofFiles(merged(sources.map((source) => projectedFiles(source, mode, input))), holdsSecret);
  }
  if (persistentVolumeClaim !== undefined) return claimContent(persistentVolumeClaim.claimName, input);
  const kind = Object.keys(volume).find((key) => key !== 'name');
  if (kind === undefined) {
    // Source: API defaulting; a volume without a source is an emptyDir.
    return {
      is: 'content',
      content: { kind: 'empty', memory: false, sizeLimitBytes: null },
      limitations: [],
    };
  }
  return { is: 'unsupported', message: `Volume "${volume.name}": ${kind} volumes are not supported here.` };
}

function ofFiles(found: Files, secret: boolean): VolumeVerdict {
  if (found.is !== 'files') return found;
  const { files, limitations = [] } = found;
  const escaping = files.find(({ path }) => !isConfined(path));
  if (escaping !== undefined) {
    return { is: 'unsupported', message: `The path ${JSON.stringify(escaping.path)} leaves its volume.` };
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (files.length > limits.volumeFilesMax || bytes > limits.volumeBytesMax) {
    return { is: 'unsupported', message: `A volume holds more than ${limits.volumeFilesMax} files or 16Mi.` };
  }
  return { is: 'content', content: { kind: 'files', secret, files }, limitations };
}

type KeyedSource = {
  readonly name?: string | undefined;
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
};

function configMapFiles(source: KeyedSource, mode: number, { pod, references }: VolumeInput): Files {
  const name = source.name ?? '';
  const configMap = references.configMap(pod.metadata.namespace ?? 'default', name);
  if (configMap === undefined) return absent(source, `configmap "${name}" not found`);
  const bytesOf = (key: string): Uint8Array | undefined => configMapBytes(configMap, key);
  return keyFiles({ source, mode, keys: configMapKeys(configMap), bytesOf, what: `configmap "${name}"` });
}

function secretFiles(source: KeyedSource, mode: number, { pod, references }: VolumeInput): Files {
  const name = source.name ?? '';
  const secret = references.secret(pod.metadata.namespace ?? 'default', name);
  if (secret === undefined) return absent(source, `secret "${name}" not found`);
  const bytesOf = (key: string): Uint8Array | undefined => secretBytes(secret, key);
  return keyFiles({ source, mode, keys: secretKeys(secret), bytesOf, what: `secret "${name}"` });
}

function absent(source: KeyedSource, message: string): Files {
  return source.optional === true ? { is: 'files', files: [] } : { is: 'missing', message };
}

/** With items only those keys, each where its item says; else every key under its own name. */
function keyFiles(of: {
  readonly source: KeyedSource;
  readonly mode: number;
  readonly keys: readonly string[];
  readonly bytesOf: (key: string) => Uint8Array | undefined;
  readonly what: string;
}): Files {
  const items: readonly KeyToPath[] = of.source.items ?? of.keys.map((key) => ({ key, path: key }));
  const files: File[] = [];
  for (const { key, path, mode = of.mode } of items) {
    const bytes = of.bytesOf(key);
    if (bytes !== undefined) files.push({ path, bytes, mode });
    else if (of.source.optional !== true) {
      return { is: 'missing', message: `${of.what} has no key "${key}"` };
    }
  }
  return { is: 'files', files };
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>;

function downwardFiles(items: DownwardItems, modeDefault: number, { pod, facts }: VolumeInput): Files {
  const files: File[] = [];
  for (const { path, mode = modeDefault, fieldRef, resourceFieldRef } of items) {
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    const container = containers.find(({ name }) => name === resourceFieldRef?.containerName);
    const value =
      fieldRef !== undefined
        ? fieldValue(pod, fieldRef.fieldPath, facts)
        : resourceFieldRef !== undefined && container !== undefined
          ? resourceValue(container, resourceFieldRef, facts)
          : ({ ok: false, message: `The downward file ${JSON.stringify(path)} names nothing.` } as const);
    if (!value.ok) return { is: 'unsupported', message: value.message };
    files.push({ path, mode, bytes: Buffer.from(value.value, 'utf8') });
  }
  return { is: 'files', files };
}

function projectedFiles(source: VolumeProjection, mode: number, input: VolumeInput): Files {
  if (source.configMap !== undefined) return configMapFiles(source.configMap, mode, input);
  if (source.secret !== undefined) return secretFiles(source.secret, mode, input);
  if (source.downwardAPI !== undefined) return downwardFiles(source.downwardAPI.items ?? [], mode, input);
  if (source.serviceAccountToken !== undefined) {
    return tokenFile(source.serviceAccountToken, mode, input);
  }
  const kind = Object.keys(source)[0] ?? 'empty';
  return { is: 'unsupported', message: `Projected ${kind} sources are not supported here.` };
}

function tokenFile(source: TokenSource, mode: number, { tokenFor }: VolumeInput): Files {
  if (tokenFor === undefined) return { is: 'files', files: [], limitations: [TOKEN_LIMITATION] };
  const token = tokenFor(source);
  if (!token.ok) return { is: 'missing', message: token.message };
  // Who may read it is said by its owner and the pod's directory. Source: the kubelet has 0600 where a pod has one user.
  return { is: 'files', files: [{ path: source.path, mode, bytes: Buffer.from(token.value, 'utf8') }] };
}

/** All sources in one folder; of two files at one path the later wins. */
function merged(parts: readonly Files[]): Files {
  const files = new Map<string, File>();
  const limitations: string[] = [];
  for (const part of parts) {
    if (part.is !== 'files') return part;
    for (const file of part.files) files.set(file.path, file);
    limitations.push(...(part.limitations ?? []));
  }
  return { is: 'files', files: [...files.values()], limitations };
}
