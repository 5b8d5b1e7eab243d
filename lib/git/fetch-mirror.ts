import { WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { GitEngine, GitRemote } from './engine.ts';
import { branchRef } from './ref-name.ts';
import type { Oid } from './repository.ts';

/**
 * Brings a mirror up to date: branches the remote dropped go, the named ones (none named: all, and the tags)
 * follow wherever the remote moved them. 'HEAD' names the remote's default branch.
 */
export async function fetchMirror(input: {
  readonly engine: GitEngine;
  readonly remote: GitRemote;
  readonly branches: readonly string[];
}): Promise<void> {
  for (let attempt = 1; attempt <= limits.fetchAttemptsMax; attempt += 1) {
    if ((await fetchOnce(input)) === 'fetched') return;
  }
  throw new WorldError('REMOTE_DOWN', 'the remote moved its branches faster than they could be fetched');
}

async function fetchOnce(input: {
  readonly engine: GitEngine;
  readonly remote: GitRemote;
  readonly branches: readonly string[];
}): Promise<'fetched' | 'vanished'> {
  const { engine, remote, branches } = input;
  const everything = branches.length === 0;
  const theirs = await remote.listRefs({ tags: everything });
  if (theirs.size > limits.remoteRefsMax) {
    throw new WorldError('GIT_FAILED', `the remote has more than ${limits.remoteRefsMax} references`, {
      reason: 'too-many-refs',
    });
  }
  const ours = new Map<string, Oid>(await engine.listRefs('refs/heads/'));
  if (everything) for (const [ref, oid] of await engine.listRefs('refs/tags/')) ours.set(ref, oid);
  // Deletions first: a branch `a` that became `a/b` must make room.
  for (const ref of ours.keys()) {
    if (!theirs.has(ref)) await engine.moveRef({ ref, to: null, expected: 'any' });
  }
  const head = everything || branches.includes('HEAD') ? await remote.readHead() : null;
  if (head !== null) await engine.pointHead(head);
  const wanted = everything ? [...theirs.keys()] : wantedRefs(branches, head);
  const stale = wanted.filter((ref) => theirs.has(ref) && theirs.get(ref) !== ours.get(ref));
  if (stale.length === 0) return 'fetched';
  const outcome = await remote.fetchRefs(stale);
  engine.refresh();
  return outcome;
}

function wantedRefs(branches: readonly string[], head: string | null): readonly string[] {
  const named = branches.filter((branch) => branch !== 'HEAD').map(branchRef);
  return [...new Set(head === null ? named : [...named, head])];
}
