import type { PodFacts } from '../facts/pod-facts.ts';

/** Sorts the more important pod first: by priority, then the one that started earlier; of equals by name. Source: upstream MoreImportantPod. */
export function byImportance(a: PodFacts, b: PodFacts): number {
  return b.priority - a.priority || compare(startOf(a), startOf(b)) || compare(keyOf(a), keyOf(b));
}

/** When it started; a pod that has not has not started before any other. */
export function startOf({ pod: { status } }: PodFacts): string {
  return status?.startTime ?? '9999';
}

function keyOf({ namespace, name }: PodFacts): string {
  return `${namespace}/${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
