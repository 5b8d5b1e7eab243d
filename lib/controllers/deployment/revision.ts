import { limits } from '../../base/limits.ts';
import type { Deployment, ReplicaSet } from '../../schema/types.gen.ts';
import { annotations, revisionOf } from './annotations.ts';

/** Of the Deployment's annotations these are not its ReplicaSets' too. Source: upstream annotationsToSkip. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  annotations.revision,
  annotations.revisionHistory,
  annotations.desiredReplicas,
  annotations.maxReplicas,
]);

/** The number of a rollout that begins now: one more than any old one's. Going back to an old template is a new number too. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/**
 * The annotations of the ReplicaSet of the present template: the Deployment's, its number, and the numbers it had before.
 *
 * @param before the ReplicaSet's own; empty for a new one
 */
export function currentAnnotations(
  deployment: Deployment,
  before: Readonly<Record<string, string>>,
  revision: number,
): Readonly<Record<string, string>> {
  const copied = Object.fromEntries(
    Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)),
  );
  const was = before[annotations.revision];
  const moved = was === undefined || Number(was) < revision;
  if (!moved) return { ...before, ...copied };
  const history = revisionHistory(before[annotations.revisionHistory], was);
  return {
    ...before,
    ...copied,
    [annotations.revision]: String(revision),
    ...(history !== '' && { [annotations.revisionHistory]: history }),
  };
}

/** `1,3` and 5 → `1,3,5`; the oldest are dropped when it gets long. */
function revisionHistory(history: string | undefined, was: string | undefined): string {
  const numbers = [...(history ?? '').split(','), was ?? ''].filter((text) => text !== '');
  while (numbers.join().length > limits.revisionHistoryCharsMax) numbers.shift();
  return numbers.join();
}
