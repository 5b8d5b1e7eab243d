import { createHash } from 'node:crypto';
import type { EpochMs } from '../base/clock.ts';
import { canonicalJson } from '../base/json.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';

/** A component whose rollout failed. It stays at its last good objects until what git says of it changes. */
export type ComponentHold = {
  /** Every object of the component when it failed, sorted. */
  readonly refs: readonly ObjectRef[];
  /** Digest of what git said of `refs` then; another digest ends the hold. */
  readonly failedDigest: string;
  readonly failedRevision: string;
  /** The commits its good objects come from, newest first; empty: there was nothing to go back to. */
  readonly goodRevisions: readonly string[];
  /** What failed. */
  readonly cause: ObjectRef;
  /** What was seen: the condition's reason and message, the pods' waiting reasons. */
  readonly evidence: string;
  readonly sinceMs: EpochMs;
  /** `hold`: taken back live; `report`: only told. */
  readonly mode: 'hold' | 'report';
};

/** Kinds that are never taken back: their old version would destroy or repeat something (design, decision 7). */
const NEVER_TAKEN_BACK: ReadonlySet<string> = new Set([
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  'batch/Job',
  'apiextensions.k8s.io/CustomResourceDefinition',
  '/Namespace',
]);

export function canBeTakenBack(ref: ObjectRef): boolean {
  return !NEVER_TAKEN_BACK.has(`${ref.group}/${ref.kind}`);
}

/** What git says of a set of objects, as a digest. An object git does not name counts as absent. */
export function contentDigest(
  refs: readonly ObjectRef[],
  desired: (ref: ObjectRef) => KubeObject | null,
): string {
  const hash = createHash('sha256');
  for (const ref of [...refs].sort((a, b) => (refKey(a) < refKey(b) ? -1 : 1))) {
    const object = desired(ref);
    hash.update(`${refKey(ref)}=${object === null ? 'absent' : canonicalJson(object)}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** What git says of an object: the object, that it names none, or nothing that can be read. */
export type Said = KubeObject | null | 'unreadable';

/**
 * The holds that still stand: git says of their objects what it said when they failed. While some of it cannot be read,
 * nothing new is known: the hold stands.
 */
export function standingHolds(
  holds: readonly ComponentHold[],
  said: (ref: ObjectRef) => Said,
): readonly ComponentHold[] {
  return holds.filter((hold) => {
    const objects = new Map(hold.refs.map((ref) => [refKey(ref), said(ref)]));
    if ([...objects.values()].includes('unreadable')) return true;
    const digest = contentDigest(hold.refs, (ref) => {
      const object = objects.get(refKey(ref)) ?? null;
      return object === 'unreadable' ? null : object;
    });
    return digest === hold.failedDigest;
  });
}
