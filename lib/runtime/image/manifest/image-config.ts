import { isArray, isObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { isDigest } from './digest.ts';
import { parseDocument } from './image-manifest.ts';
import type { Platform } from './platform.ts';

/** How an image wants to be run. */
export type ImageConfig = {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** In their order; the first of two of a name comes first. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** `user`, `user:group`, names or numbers; '': root. */
  readonly user: string;
  /** '': the root. */
  readonly workingDir: string;
  /** `SIGTERM` or `15`; null: not said. */
  readonly stopSignal: string | null;
};

export type ParsedConfig = {
  readonly config: ImageConfig;
  readonly platform: Platform;
  /** Digests of the layers as tar files, lowest first. */
  readonly diffIds: readonly string[];
};

/** Reads an image's configuration. ImageError IMAGE_INVALID. */
export function parseImageConfig(bytes: Uint8Array): ParsedConfig {
  const document = parseDocument(bytes, "the image's configuration");
  const config = isObject(document.config) ? document.config : {};
  const rootfs = isObject(document.rootfs) ? document.rootfs : {};
  const diffIds = textsOf(rootfs.diff_ids, 'diff ids');
  if (!diffIds.every(isDigest)) throw new ImageError('IMAGE_INVALID', "the image's diff ids are not digests");
  if (diffIds.length > limits.imageLayersMax)
    throw new ImageError('IMAGE_REFUSED', `the image has ${diffIds.length} layers`);
  return {
    diffIds,
    platform: {
      os: textOf(document.os, 'os'),
      architecture: textOf(document.architecture, 'architecture'),
      variant: textOf(document.variant, 'variant'),
    },
    config: {
      entrypoint: textsOf(config.Entrypoint, 'Entrypoint'),
      cmd: textsOf(config.Cmd, 'Cmd'),
      env: textsOf(config.Env, 'Env').map(variableOf),
      user: textOf(config.User, 'User'),
      workingDir: textOf(config.WorkingDir, 'WorkingDir'),
      stopSignal: textOf(config.StopSignal, 'StopSignal') || null,
    },
  };
}

function variableOf(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function textOf(value: JsonValue | undefined, field: string): string {
  if (value === undefined || value === null) return '';
  // A NUL would end the text early for the kernel.
  if (typeof value !== 'string' || value.includes('\0'))
    throw new ImageError('IMAGE_INVALID', `${field} of the image's configuration is not a text`);
  return value;
}

function textsOf(value: JsonValue | undefined, field: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!isArray(value) || value.length > limits.imageConfigTextsMax)
    throw new ImageError('IMAGE_INVALID', `${field} of the image's configuration is not a list of texts`);
  return value.map((text) => textOf(text, field));
}
