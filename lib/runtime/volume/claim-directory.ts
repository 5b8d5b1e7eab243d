import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { WorldError } from '../../base/errors.ts';
import { removeTree } from '../../base/remove-tree.ts';
import { isVolumeHandle } from '../../schema/local-volume.ts';

/** Beside the pods: whoever may enter those may enter these. No pod's uid begins with a dot. */
const VOLUMES = '.volumes';

/**
 * The directory of a claim's volume below the pods' directory, made when it is not there, and given to `user` (null: ourselves) with
 * all it holds when it was another's. What is in it stays.
 */
export async function claimDirectory(root: string, handle: string, user: number | null): Promise<string> {
  const path = pathOf(root, handle);
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  if (!existsSync(path)) mkdirSync(path, { mode: 0o770 });
  if (user === null || statSync(path).uid === user) return path;
  // Another pod may have the volume and put links in the way: GNU chown goes from directory to directory, never through a link.
  // CRASH: the directory itself is changed last, so that the next call goes through all of it again.
  await promisify(execFile)('chown', ['-RhP', `${user}:${user}`, '--', path]);
  return path;
}

/** Whether there is a claim's volume: then the pods' directory is not ours to remove. */
export function holdsClaims(root: string): boolean {
  return existsSync(join(root, VOLUMES));
}

/** Whether a path is the directory of some claim's volume. */
export function isInClaim(root: string, path: string): boolean {
  return dirname(path) === join(root, VOLUMES);
}

/** Out of the way first. CRASH: what is left has a name that nobody asks for, and goes with the next removal of the handle. */
export async function removeClaimDirectory(root: string, handle: string): Promise<void> {
  const path = pathOf(root, handle);
  const removed = `${path}.removed`;
  await removeTree(removed);
  if (!existsSync(path)) return;
  renameSync(path, removed);
  await removeTree(removed);
  if (readdirSync(dirname(path)).length === 0) rmdirSync(dirname(path));
}

function pathOf(root: string, handle: string): string {
  if (!isVolumeHandle(handle)) throw new WorldError('DRIVER_FAILED', `not a volume handle: ${handle}`);
  return join(root, VOLUMES, handle);
}
