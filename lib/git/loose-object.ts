import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pid } from 'node:process';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { codeOf, WorldError } from '../base/errors.ts';
import type { NewObject, ObjectRead } from './engine.ts';
import { hashObject, objectHeader } from './object-id.ts';
import type { Oid } from './repository.ts';

/** Enough of a file to inflate `blob 123456789012345\0`. */
const HEAD_BYTES = 256;
/** What zlib may add to content that it cannot make smaller, generously. */
const OVERHEAD_BYTES_MAX = 64 * 1024;
const HEADER = /^(commit|tree|blob|tag) (\d{1,15})\0/;

let written = 0;

function pathOf(gitdir: string, oid: Oid): string {
  return join(gitdir, 'objects', oid.slice(0, 2), oid.slice(2));
}

/**
 * Reads an object that has a file of its own; null when it has none. The size is known from the file's first
 * bytes, so what is over `bytesMax` is not read.
 * @throws {WorldError} GIT_FAILED with data.reason 'corrupt-object'
 */
export async function readLooseObject(
  gitdir: string,
  oid: Oid,
  bytesMax: number,
): Promise<ObjectRead | null> {
  const file = await open(pathOf(gitdir, oid)).catch(absent);
  if (file === null) return null;
  try {
    const head = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const start = inflate(oid, head.buffer.subarray(0, head.bytesRead), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 1024 * 1024,
    });
    const match = HEADER.exec(start.toString('latin1', 0, 40));
    const type = match?.[1];
    if (type !== 'commit' && type !== 'tree' && type !== 'blob' && type !== 'tag') throw corrupt(oid);
    const sizeBytes = Number(match?.[2]);
    if (sizeBytes > bytesMax) return { kind: 'too-large', type, sizeBytes };
    if ((await file.stat()).size > sizeBytes * 1.01 + OVERHEAD_BYTES_MAX) throw corrupt(oid);
    const headerBytes = match?.[0].length ?? 0;
    const whole = inflate(oid, await file.readFile(), { maxOutputLength: headerBytes + sizeBytes + 1 });
    if (whole.length !== headerBytes + sizeBytes) throw corrupt(oid);
    return { kind: 'object', type, bytes: whole.subarray(headerBytes) };
  } finally {
    await file.close();
  }
}

/**
 * Writes an object as a file of its own, whole or not at all.
 * CRASH: leaves a `tmp_obj_` file, which git removes when it collects.
 */
export async function writeLooseObject(gitdir: string, object: NewObject): Promise<Oid> {
  const oid = hashObject(object.type, object.bytes, 'sha1');
  const path = pathOf(gitdir, oid);
  const directory = join(gitdir, 'objects', oid.slice(0, 2));
  const existing = await open(path).catch(absent);
  if (existing !== null) {
    await existing.close();
    return oid;
  }
  await mkdir(directory, { recursive: true });
  written += 1;
  const temporary = join(directory, `tmp_obj_pintle_${pid}_${written}`);
  const bytes = deflateSync(Buffer.concat([objectHeader(object.type, object.bytes.length), object.bytes]));
  try {
    await writeFile(temporary, bytes, { mode: 0o444, flag: 'wx' });
    // Another process may have written the same object: the same bytes, so either file will do.
    await link(temporary, path).catch((thrown: unknown) => {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  return oid;
}

function inflate(oid: Oid, bytes: Uint8Array, options: Parameters<typeof inflateSync>[1]): Buffer {
  try {
    return inflateSync(bytes, options);
  } catch (thrown) {
    throw corrupt(oid, thrown);
  }
}

function corrupt(oid: Oid, cause?: unknown): WorldError {
  const data = { oid, reason: 'corrupt-object' };
  return new WorldError('GIT_FAILED', `the object ${oid} of the repository is corrupt`, data, cause);
}

function absent(thrown: unknown): null {
  if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return null;
  throw thrown;
}
