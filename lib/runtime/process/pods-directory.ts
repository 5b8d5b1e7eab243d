import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from '../../base/errors.ts';

/** Where pods lie when users other than root cannot get into the data directory. */
const ELSEWHERE = '/var/lib/pintle-pods';

/**
 * The directory of all pods: `<data>/pods`. When pods run as users of their own and one of the directories above keeps others out,
 * it is a directory beneath /var/lib to which `<data>/pods` is a link.
 * @returns its real path
 */
export function podsDirectory(options: {
  readonly dataDirectory: string;
  readonly ownUsers: boolean;
  readonly elsewhere?: string;
}): string {
  const { dataDirectory, ownUsers } = options;
  const link = join(dataDirectory, 'pods');
  const mode = ownUsers ? 0o711 : 0o700;
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const target = linkTarget(link);
  if (target !== null) mkdirSync(target, { recursive: true, mode });
  else if (!ownUsers || othersCanReach(dataDirectory)) mkdirSync(link, { recursive: true, mode });
  else {
    const digest = createHash('sha256').update(realpathSync(dataDirectory)).digest('hex').slice(0, 16);
    const path = join(options.elsewhere ?? ELSEWHERE, digest);
    mkdirSync(path, { recursive: true, mode: 0o711 });
    for (const each of [dirname(path), path]) chmodSync(each, 0o711);
    removeForsaken(dirname(path));
    // Whole or not at all: half a path would be one that is not there, and its pods forsaken.
    writeFileSync(`${path}.next`, realpathSync(dataDirectory), { mode: 0o600 });
    renameSync(`${path}.next`, `${path}${OWNER}`);
    symlinkSync(path, link);
  }
  chmodSync(link, mode);
  return realpathSync(link);
}

/** Beside each directory that lies elsewhere: the path of the data directory it belongs to. */
const OWNER = '.owner';

/** Removes the pods of data directories that somebody has deleted. */
function removeForsaken(elsewhere: string): void {
  for (const name of readdirSync(elsewhere).filter((one) => one.endsWith(OWNER))) {
    const path = join(elsewhere, name);
    const owner = ownerIn(path);
    if (owner === null || existsSync(owner)) continue;
    try {
      rmSync(path.slice(0, -OWNER.length), { recursive: true, force: true });
      rmSync(path, { force: true });
    } catch {
      // Pods made a tree too deep to be removed so. It must not keep us from starting.
    }
  }
}

/** Null when another daemon that starts now has just removed it. */
function ownerIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (thrown) {
    // EINVAL: it is there, and no link.
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'EINVAL') return null;
    throw thrown;
  }
}

/** Whether every directory down to `path` lets anybody through. */
export function othersCanReach(path: string): boolean {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === '/') return true;
  }
}
