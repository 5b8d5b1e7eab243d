import { disruptionTally, type PodDisruptionBudget, type Workload } from '../../api/disruption-budget.ts';
import type { EpochMs } from '../../base/clock.ts';
import { setCondition } from '../../schema/conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';

type Status = NonNullable<PodDisruptionBudget['status']>;

/** The status of a budget; `pods` and `workloads` as in disruptionTally. Source: disruption controller updatePdbStatus. */
export function decideDisruption(
  budget: PodDisruptionBudget,
  { pods, workloads }: { readonly pods: readonly Pod[]; readonly workloads: readonly Workload[] },
  now: EpochMs,
): Status {
  const { generation } = budget.metadata;
  const tally = disruptionTally(budget, pods, workloads);
  const sufficient = tally.disruptionsAllowed > 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: sufficient ? 'True' : 'False',
    reason: sufficient ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    ...(generation !== undefined && { observedGeneration: generation }),
  } as const;
  return {
    ...tally,
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: setCondition(budget.status?.conditions, condition, now),
  };
}
