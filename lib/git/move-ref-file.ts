import { type FileHandle, mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { codeOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { RefMove } from './engine.ts';
import type { RefFiles } from './ref-files.ts';

/**
 * Moves a reference by git's own protocol (create `<ref>.lock`, look, write, rename), so that git and other
 * processes of ours never lose a move to it, nor it one of theirs.
 *
 * CRASH: before the rename the lock stays, as after a killed git, and whoever comes next is told its path.
 * @throws {WorldError} GIT_FAILED with data.reason 'ref-locked' | 'ref-conflict'
 */
export async function moveRefFile(
  refs: RefFiles,
  move: RefMove,
  options: { readonly clock: Clock; readonly commonDirectory: string },
): Promise<'moved' | 'raced'> {
  const ref = await refs.follow(move.ref);
  if (ref === null) throw conflict(move.ref, 'its symbolic references do not end');
  const path = refs.pathOf(ref);
  const lock = await acquire(`${path}.lock`, ref, options.clock);
  let held = true;
  try {
    const now = await refs.read(ref);
    if (move.expected !== 'any' && now !== move.expected) return now === move.to ? 'moved' : 'raced';
    if (now === move.to) return 'moved';
    if (move.to === null) {
      await dropPacked(refs, ref, options);
      await rm(path, { force: true });
      return 'moved';
    }
    if (now === null) await assertNoConflict(refs, ref);
    await lock.writeFile(`${move.to}\n`);
    await lock.sync();
    await rmdir(path).catch(notThere);
    await rename(`${path}.lock`, path).catch((thrown: unknown) => {
      throw codeOf(thrown) === 'EISDIR' ? conflict(ref, 'there are references below it', thrown) : thrown;
    });
    held = false;
    return 'moved';
  } finally {
    await lock.close();
    if (held) await rm(`${path}.lock`, { force: true });
  }
}

/** `a` and `a/b` cannot both be. Files exclude one another by themselves, packed lines do not. */
async function assertNoConflict(refs: RefFiles, ref: string): Promise<void> {
  for (const other of (await refs.packed()).keys()) {
    const clash = other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`);
    if (clash && (await refs.read(other)) !== null) throw conflict(ref, `there is ${other}`);
  }
}

/** Rewrites packed-refs without a reference, under its lock. A line `^…` belongs to the line before it. */
async function dropPacked(
  refs: RefFiles,
  ref: string,
  options: { readonly clock: Clock; readonly commonDirectory: string },
): Promise<void> {
  if (!(await refs.packed()).has(ref)) return;
  const path = join(options.commonDirectory, 'packed-refs');
  const lock = await acquire(`${path}.lock`, 'packed-refs', options.clock);
  try {
    let dropping = false;
    const kept = (await readFile(path, 'utf8')).split('\n').filter((line) => {
      dropping = line.startsWith('^') ? dropping : line.endsWith(` ${ref}`);
      return !dropping;
    });
    await lock.writeFile(kept.join('\n'));
    await lock.sync();
    await rename(`${path}.lock`, path);
  } catch (thrown) {
    await rm(`${path}.lock`, { force: true });
    throw thrown;
  } finally {
    await lock.close();
  }
}

async function acquire(lockPath: string, ref: string, clock: Clock): Promise<FileHandle> {
  for (let waitedMs = 0; ; waitedMs += timings.refLockRetryMs) {
    try {
      await mkdir(dirname(lockPath), { recursive: true });
      return await open(lockPath, 'wx');
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'ENOTDIR') throw conflict(ref, 'a part of its name is a reference', thrown);
      // mkdir says EEXIST where a file is in the way; open says it where the lock is held.
      // ENOENT: git removed the empty directory in between.
      if (code !== 'EEXIST' && code !== 'ENOENT') throw thrown;
      if (waitedMs >= timings.refLockTimeoutMs) throw locked(ref, lockPath, thrown);
    }
    await new Promise<void>((resolve) => clock.setTimer(timings.refLockRetryMs, resolve));
  }
}

/** An empty directory where branches used to be may be replaced. */
function notThere(thrown: unknown): void {
  const code = codeOf(thrown);
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw thrown;
}

function locked(ref: string, lockPath: string, cause: unknown): WorldError {
  const message = `${ref} is locked: another process moves it, or one died and left ${lockPath}`;
  return new WorldError('GIT_FAILED', message, { ref, lockPath, reason: 'ref-locked' }, cause);
}

function conflict(ref: string, detail: string, cause?: unknown): WorldError {
  const message = `${ref} cannot be written: ${detail}`;
  return new WorldError('GIT_FAILED', message, { ref, reason: 'ref-conflict' }, cause);
}
