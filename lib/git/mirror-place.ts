import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { RepositoryPlace } from './locate-repository.ts';

/** The refspec is isomorphic-git's: it insists on one, and moves what it names before the objects are there. */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
[remote "origin"]
\tfetch = +refs/heads/*:refs/pintle/incoming/*
`;

/** The mirror of a URL: one directory below `mirrorDirectory`, which belongs to one process. */
export function mirrorPath(mirrorDirectory: string, url: string): string {
  return join(mirrorDirectory, `${createHash('sha256').update(url).digest('hex').slice(0, 24)}.git`);
}

/**
 * Makes the bare repository of a mirror, or readies the one that is there: what a killed process left locked
 * is unlocked, since nobody else works here.
 *
 * CRASH: at any point; every step is done again at the next start, and HEAD, which makes it a repository, is last.
 * @throws {WorldError} GIT_FAILED when the directory cannot be written
 */
export async function prepareMirror(path: string): Promise<RepositoryPlace> {
  try {
    for (const directory of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
      await mkdir(join(path, directory), { recursive: true, mode: 0o700 });
    }
    await removeLeftovers(path);
    await writeNew(join(path, 'config'), CONFIG);
    await writeNew(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  } catch (thrown) {
    throw new WorldError('GIT_FAILED', `${path} cannot be written: ${messageOf(thrown)}`, {}, thrown);
  }
  return { gitDirectory: path, commonDirectory: path, format: 'sha1', reftable: false };
}

/**
 * Where no git gathers packs, a mirror of too many is dropped, to be fetched whole again.
 * CRASH: half of a mirror is gone; what is left is no repository until `prepareMirror` has been there.
 */
export async function dropCrowdedMirror(path: string): Promise<void> {
  const names = await readdir(join(path, 'objects/pack')).catch(() => []);
  if (names.filter((name) => name.endsWith('.pack')).length <= limits.isomorphicPacksMax) return;
  await rm(join(path, 'refs'), { recursive: true, force: true });
  await rm(join(path, 'packed-refs'), { force: true });
  await rm(path, { recursive: true, force: true });
}

async function removeLeftovers(path: string): Promise<void> {
  await rm(join(path, 'refs/pintle'), { recursive: true, force: true });
  for (const name of await readdir(path)) {
    if (name.endsWith('.lock')) await rm(join(path, name), { force: true });
  }
  for (const name of await readdir(join(path, 'objects/pack'))) {
    if (name.startsWith('tmp_')) await rm(join(path, 'objects/pack', name), { force: true });
  }
  for (const name of await readdir(join(path, 'refs'), { recursive: true })) {
    if (name.endsWith('.lock')) await rm(join(path, 'refs', name), { force: true });
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  }
}
