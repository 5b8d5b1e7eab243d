import type { PodDisruptionBudget } from '../../api/disruption-budget.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Slot } from '../state/cluster.ts';
import { overdrawing } from './budgets.ts';
import { byImportance } from './importance.ts';
import type { Trial } from './trial.ts';

export type Candidate = {
  readonly nodeName: string;
  /** The most important first. */
  readonly victims: readonly PodFacts[];
  /** How many of them overdraw a budget. */
  readonly violations: number;
};

/** What is said of a node where nothing could be taken from. */
export const NO_VICTIMS = 'No preemption victims found for incoming pod';

/**
 * Whom the pod would have to push off a node: all of lower priority go, then as many as possible come back, those whose budgets would
 * be overdrawn first, each time the most important first. The reasons where it would not fit even so. All are back at the end.
 * Source: upstream SelectVictimsOnNode.
 */
export function victimsOnNode(
  pod: PodFacts,
  slot: Slot,
  by: {
    readonly trial: Trial;
    readonly budgets: readonly PodDisruptionBudget[];
  },
): Candidate | { readonly reasons: readonly string[] } {
  const { trial, budgets } = by;
  const nodeName = slot.node.name;
  const lower = slot.load.pods.filter(({ priority }) => priority < pod.priority).toSorted(byImportance);
  if (lower.length === 0) return { reasons: [NO_VICTIMS] };
  const victims = new Set(lower);
  for (const each of lower) trial.remove(each);
  try {
    const refused = trial.refusal();
    if (refused !== null) return { reasons: refused.reasons };
    const over = overdrawing(lower, budgets);
    let violations = 0;
    for (const each of [...lower.filter((one) => over.has(one)), ...lower.filter((one) => !over.has(one))]) {
      trial.place(each);
      victims.delete(each);
      if (trial.refusal() === null) continue;
      trial.remove(each);
      victims.add(each);
      if (over.has(each)) violations += 1;
    }
    if (victims.size === 0) return { reasons: [NO_VICTIMS] };
    return { nodeName, victims: [...victims].sort(byImportance), violations };
  } finally {
    for (const each of victims) trial.place(each);
  }
}
