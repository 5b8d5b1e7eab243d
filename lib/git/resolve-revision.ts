import { limits } from '../base/limits.ts';
import { parseCommit } from './commit-object.ts';
import type { GitEngine } from './engine.ts';
import { isOid } from './object-id.ts';
import type { CommitInfo, Oid } from './repository.ts';
import { parseRevision, type RevisionStep } from './revision.ts';

/** An annotated tag may name a tag, and so on; nobody means more than this. */
const TAG_DEPTH_MAX = 8;

/**
 * The commit a revision names; null when there is none, or history ends before it.
 * @throws {UserError} INVALID_REVISION, AMBIGUOUS_REVISION
 */
export async function resolveRevision(engine: GitEngine, text: string): Promise<Oid | null> {
  const revision = parseRevision(text);
  const named = await findNamed(engine, revision.refs, revision.oidPrefix);
  let commit = named === null ? null : await peel(engine, named);
  for (const step of revision.steps) {
    if (commit === null) return null;
    commit = await take(engine, commit, step);
  }
  return commit?.oid ?? null;
}

async function findNamed(
  engine: GitEngine,
  refs: readonly string[],
  oidPrefix: string | null,
): Promise<Oid | null> {
  if (oidPrefix !== null && isOid(oidPrefix)) return oidPrefix;
  for (const ref of refs) {
    const oid = await engine.readRef(ref);
    if (oid !== null) return oid;
  }
  return oidPrefix === null ? null : engine.expandOid(oidPrefix);
}

async function peel(engine: GitEngine, oid: Oid): Promise<CommitInfo | null> {
  let next = oid;
  for (let depth = 0; depth <= TAG_DEPTH_MAX; depth += 1) {
    const [answer] = await engine.read([next], limits.commitObjectBytesMax);
    if (answer?.kind !== 'object') return null;
    if (answer.type === 'commit') return parseCommit(next, answer.bytes);
    if (answer.type !== 'tag') return null;
    const target = /^object ([0-9a-f]+)\n/.exec(Buffer.from(answer.bytes).toString('latin1', 0, 80))?.[1];
    if (target === undefined || !isOid(target)) return null;
    next = target;
  }
  return null;
}

async function take(engine: GitEngine, from: CommitInfo, step: RevisionStep): Promise<CommitInfo | null> {
  if (step.kind === 'parent') {
    const parent = step.number === 0 ? from.oid : from.parents[step.number - 1];
    return parent === undefined ? null : peel(engine, parent);
  }
  let commit: CommitInfo | null = from;
  for (let left = step.count; left > 0 && commit !== null; left -= 1) {
    const parent: Oid | undefined = commit.parents[0];
    commit = parent === undefined ? null : await peel(engine, parent);
  }
  return commit;
}
