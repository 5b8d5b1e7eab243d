import type { MetricStatus } from '../../schema/types.gen.ts';
import type { Proposal } from './proposal.ts';

/** What all metrics together ask for. `failure`: the first that could not say, though others may have. */
export type Combined =
  | {
      readonly ok: true;
      readonly replicas: number;
      /** The one that asks for the most. */
      readonly metric: string;
      readonly statuses: readonly MetricStatus[];
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly message: string;
      readonly statuses: readonly MetricStatus[];
    };

/**
 * The metric that asks for the most decides. One that fails keeps from scaling down, for it might have asked for more; with none
 * left nothing is done. Source: upstream computeReplicasForMetrics.
 */
export function combine(proposals: readonly Proposal[], currentReplicas: number): Combined {
  const sound = proposals.flatMap((proposal) => (proposal.ok ? [proposal] : []));
  const failed = proposals.find((proposal) => !proposal.ok);
  const statuses = sound.map(({ status }) => status);
  const [first, ...others] = sound;
  const most = first && others.reduce((a, b) => (b.replicas > a.replicas ? b : a), first);
  if (most !== undefined && (failed === undefined || most.replicas >= currentReplicas))
    return { ok: true, replicas: most.replicas, metric: most.metric, statuses };
  const reason = failed?.reason ?? 'InvalidMetricSourceType';
  return { ok: false, reason, message: failed?.message ?? 'There is no metric to go by', statuses };
}
