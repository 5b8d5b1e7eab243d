import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import type { Stream } from './container-directory.ts';

/**
 * The files of one stream. `<stream>.log` is written by the container; rotation moves its content to `<stream>.<n>.log`, n counting
 * up for ever, so that a reader's place (segment, offset) keeps its meaning. The current file is segment (highest n) + 1.
 * Beside each log an index (see log-index.ts). `<stream>.rotating` exists while content may be in both places.
 */
export function logPaths(directory: string, stream: Stream) {
  return {
    current: join(directory, `${stream}.log`),
    currentIndex: join(directory, `${stream}.idx`),
    next: join(directory, `${stream}.next`),
    rotating: join(directory, `${stream}.rotating`),
    segment: (n: number) => join(directory, `${stream}.${n}.log`),
    segmentIndex: (n: number) => join(directory, `${stream}.${n}.idx`),
  };
}

/** Numbers of the rotated segments, ascending; empty when the container is gone. */
export function rotatedSegments(directory: string, stream: Stream): readonly number[] {
  return namesIn(directory)
    .filter((name) => name.startsWith(`${stream}.`))
    .flatMap((name) => /\.([1-9]\d{0,11})\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
