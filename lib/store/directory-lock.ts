import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { takeInstanceLock } from '../base/companion/instance-lock.ts';
import { formatIdentity, ownIdentity } from '../base/companion/process-identity.ts';
import { codeOf, messageOf, UserError, WorldError } from '../base/errors.ts';

const LOCK_DIRECTORY = 'daemon-lock';

/**
 * Makes this process the only one on a data directory (made if need be, 0700). The lock is gone when the process is, however it
 * ends. UserError DATA_DIRECTORY_IN_USE with `pid`, DATA_DIRECTORY_UNSAFE; WorldError DATA_DIRECTORY_UNWRITABLE.
 */
export function lockDirectory(directory: string): { release(): void } {
  const place = join(directory, LOCK_DIRECTORY);
  const result = take(directory, place);
  if (result.taken) return { release: () => release(place) };
  const pid = result.holder?.pid;
  throw new UserError(
    'DATA_DIRECTORY_IN_USE',
    pid === undefined
      ? `${directory} is in use by another pintle`
      : `${directory} is in use by another pintle (process ${pid})`,
    { directory, pid },
  );
}

function take(directory: string, place: string): ReturnType<typeof takeInstanceLock> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    assertOurs(directory);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    return takeInstanceLock(place);
  } catch (failure) {
    if (failure instanceof UserError) throw failure;
    const data = { directory, errno: codeOf(failure) };
    throw new WorldError(
      'DATA_DIRECTORY_UNWRITABLE',
      `cannot write ${directory}: ${messageOf(failure)}`,
      data,
      failure,
    );
  }
}

/** Whoever else can write there could put another store, or other pods, in the place of ours. */
function assertOurs(directory: string): void {
  const { uid, mode } = statSync(directory);
  const theirs = uid !== (process.getuid?.() ?? uid);
  if (theirs || (mode & 0o002) !== 0) {
    const why = theirs ? 'belongs to somebody else' : 'can be written to by everybody';
    const message = `${directory} ${why}; name a directory of your own with --data`;
    throw new UserError('DATA_DIRECTORY_UNSAFE', message, { directory });
  }
  if ((mode & 0o020) !== 0) chmodSync(directory, mode & 0o7757);
}

/** Only what this process wrote is taken away: the next holder may have come already. */
function release(place: string): void {
  const own = formatIdentity(ownIdentity());
  for (const name of readdirSync(place)) {
    const path = join(place, name);
    if (name.startsWith('lock.') && readFileSync(path, 'latin1') === own) rmSync(path, { force: true });
  }
}
