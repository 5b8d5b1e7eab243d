import type { Condition } from '../schema/conditions.ts';
import { resolveIntOrPercent } from '../schema/int-or-percent.ts';
import { matchesLabelSelector } from '../schema/label-selector.ts';
import type { KubeObject } from '../schema/object.ts';
import { isPodReady, isPodTerminal } from '../schema/pod-conditions.ts';
import type { LabelSelector, Pod } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';
import type { Caller, Client, DeleteOptions } from './client.ts';

/** policy/v1, as far as evictions read it. */
export type PodDisruptionBudget = KubeObject & {
  readonly spec?: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector?: LabelSelector;
  };
  readonly status?: DisruptionTally & {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
};

export type DisruptionTally = {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  /** How many more healthy pods can be spared; what kubectl prints as ALLOWED DISRUPTIONS. */
  readonly disruptionsAllowed: number;
};

/** How a budget stands, with the pods it selects. Source: policy/v1, disruption controller; pods stand for their controllers' sizes. */
export function disruptionTally(budget: PodDisruptionBudget, pods: readonly Pod[]): DisruptionTally {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const total = pods.length;
  const healthy = pods.filter(
    (pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined,
  ).length;
  // Source: disruption controller: percentages of both are rounded up.
  const resolve = (value: number | string): number =>
    resolveIntOrPercent(value, { total, round: 'up' }) ?? total;
  const desired =
    maxUnavailable !== undefined
      ? Math.max(0, total - resolve(maxUnavailable))
      : minAvailable !== undefined
        ? resolve(minAvailable)
        : 1;
  return {
    expectedPods: total,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: total === 0 ? 0 : Math.max(0, healthy - desired),
  };
}

/**
 * Evictions of one API, one after the other, so that two never spend the same disruption. Resolves once the pod is deleted (or on
 * its way). TooManyRequests when a budget spares none; InternalError when two budgets claim the pod; NotFound.
 */
export function evictions(client: Client): {
  evict(
    pod: { readonly namespace: string; readonly name: string },
    options: DeleteOptions,
    caller: Caller,
  ): Promise<void>;
} {
  let last: Promise<void> = Promise.resolve();
  return {
    evict(pod, options, caller) {
      const turn = last.then(() => evictPod(client, pod, { options, caller }));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function evictPod(
  client: Client,
  at: { readonly namespace: string; readonly name: string },
  { options, caller }: { readonly options: DeleteOptions; readonly caller: Caller },
): Promise<void> {
  const ref = { group: '', kind: 'Pod', ...at };
  const pod = await client.get<KubePod>(ref, caller);
  if (pod === null) {
    throw new ApiError('NotFound', `pods "${at.name}" not found`, {
      details: { kind: 'pods', name: at.name },
    });
  }
  if (!isPodTerminal(pod) && pod.status?.phase !== 'Pending') await spend(client, pod, caller);
  const preconditions = { uid: pod.metadata.uid ?? '', ...options.preconditions };
  await client.delete(ref, { ...options, preconditions }, caller);
}

type KubePod = Pod & { readonly apiVersion: string; readonly kind: string };

async function spend(client: Client, pod: KubePod, caller: Caller): Promise<void> {
  const { namespace = '', labels, name } = pod.metadata;
  const within = { namespace };
  const { items } = await client.list<PodDisruptionBudget>(
    { group: 'policy', kind: 'PodDisruptionBudget' },
    within,
    caller,
  );
  const budgets = items.filter(({ spec }) => matchesLabelSelector(spec?.selector, labels));
  const [budget] = budgets;
  if (budget === undefined) return;
  if (budgets.length > 1) {
    throw new ApiError(
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const pods = await client.list<KubePod>({ group: '', kind: 'Pod' }, within, caller);
  const selected = pods.items.filter(
    (each) => matchesLabelSelector(budget.spec?.selector, each.metadata.labels) && !isPodTerminal(each),
  );
  // A pod that is not healthy takes nothing from the budget. Source: unhealthyPodEvictionPolicy AlwaysAllow and the default alike.
  if (!isPodReady(pod) || disruptionTally(budget, selected).disruptionsAllowed > 0) return;
  throw new ApiError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} does not spare ${name} now`,
        field: '',
      },
    ],
  });
}
