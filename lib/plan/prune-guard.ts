import { createHash } from 'node:crypto';
import { type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { PruneHold, PruneHoldReason } from './plan.ts';

export type PruneGuardInput = {
  /** What git no longer names, in the order it would be deleted. */
  readonly prunes: readonly ObjectRef[];
  readonly inventoryCount: number;
  readonly desiredCount: number;
  readonly unparsedFiles: readonly string[];
  /** Of a namespace: the live objects in it that are not from git and that nothing generated. */
  readonly unmanagedIn: (namespace: string) => readonly ObjectRef[];
  /** Ids of holds that the user let go. */
  readonly approvals: ReadonlySet<string>;
  /** Prunes, by refKey, that were let go before and waited for something else since: they are not asked about again. */
  readonly passed: ReadonlySet<string>;
};

/** More than half of a source counts only above this many objects: small repositories change by halves. */
const MOST_OF_SOURCE_MIN = 5;
const NAMED_MAX = 5;

/**
 * Which prunes wait, and why (design, decision 6). An unparsed file holds all and cannot be approved: what the file
 * says is unknown. Emptying the source or most of it holds all; a namespace with strangers in it holds that namespace.
 */
export function guardPrunes(input: PruneGuardInput): {
  readonly allowed: readonly ObjectRef[];
  readonly holds: readonly PruneHold[];
} {
  const { prunes } = input;
  if (prunes.length === 0) return { allowed: [], holds: [] };
  const [firstUnparsed] = input.unparsedFiles;
  if (firstUnparsed !== undefined) {
    const detail = `${firstUnparsed} cannot be read; what it holds is unknown, so nothing is deleted`;
    return { allowed: [], holds: [pruneHold('file-unparsed', detail, prunes)] };
  }
  const passed = prunes.filter((ref) => input.passed.has(refKey(ref)));
  const asked = prunes.filter((ref) => !input.passed.has(refKey(ref)));
  const whole = holdOfWhole({ ...input, prunes: asked });
  if (whole !== null && !input.approvals.has(whole.id)) return { allowed: passed, holds: [whole] };
  const holds: PruneHold[] = [];
  for (const ref of asked) {
    if (ref.kind !== 'Namespace' || ref.group !== '') continue;
    const strangers = input.unmanagedIn(ref.name);
    if (strangers.length === 0) continue;
    const held = pruneHold(
      'namespace-not-empty',
      `namespace ${ref.name} holds ${named(strangers)} that git does not manage`,
      [ref],
    );
    if (!input.approvals.has(held.id)) holds.push(held);
  }
  const waiting = new Set(holds.flatMap((each) => each.refs.map(refKey)));
  return { allowed: prunes.filter((ref) => !waiting.has(refKey(ref))), holds };
}

function holdOfWhole({ prunes, inventoryCount, desiredCount }: PruneGuardInput): PruneHold | null {
  if (prunes.length === 0) return null;
  if (desiredCount === 0)
    return pruneHold(
      'source-emptied',
      `git names no object any more; ${counted(prunes.length)} would be deleted`,
      prunes,
    );
  if (prunes.length > MOST_OF_SOURCE_MIN && prunes.length * 2 > inventoryCount) {
    return pruneHold(
      'most-of-source',
      `${prunes.length} of ${inventoryCount} objects would be deleted`,
      prunes,
    );
  }
  return null;
}

function counted(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`;
}

/** A hold whose id is the same for the same reason and objects, however they are found. */
export function pruneHold(reason: PruneHoldReason, detail: string, refs: readonly ObjectRef[]): PruneHold {
  const hash = createHash('sha256').update(reason);
  for (const key of refs.map(refKey).sort()) hash.update(`\n${key}`);
  return { id: hash.digest('hex').slice(0, 10), reason, detail, refs };
}

function named(refs: readonly ObjectRef[]): string {
  const names = refs.slice(0, NAMED_MAX).map(refText).join(', ');
  return refs.length > NAMED_MAX ? `${names} and ${refs.length - NAMED_MAX} more` : names;
}
