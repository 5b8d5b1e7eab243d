import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { getuid } from 'node:process';

/** Whom git runs as: root takes the place of the repository's owner. null: as ourselves. */
export type RepositoryOwner = { readonly uid: number; readonly gid: number };

/**
 * Root in somebody else's repository would leave files there that its owner cannot write, and write wherever the owner's links,
 * alternates and configuration lead. An owner who cannot get there (root unpacked it in its home) does neither good nor harm.
 */
export function repositoryOwner(directory: string): RepositoryOwner | null {
  if (getuid?.() !== 0) return null;
  const { uid, gid } = statSync(directory);
  return uid === 0 || !canReach(directory, { uid, gid }) ? null : { uid, gid };
}

function canReach(directory: string, owner: RepositoryOwner): boolean {
  for (let at = realpathSync(directory); ; at = dirname(at)) {
    const { uid, gid, mode } = statSync(at);
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === '/') return true;
  }
}
