import { matchesLabelSelector } from '../schema/label-selector.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';
import type { Caller, Client, DeleteOptions } from './client.ts';
import {
  disruptionTally,
  type PodDisruptionBudget,
  SIZED_KINDS,
  sparesPod,
  type Workload,
} from './disruption-budget.ts';

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
  const { namespace = '', labels } = pod.metadata;
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
  const lists = await Promise.all(SIZED_KINDS.map((kind) => client.list<Workload>(kind, within, caller)));
  const tally = disruptionTally(
    budget,
    selected,
    lists.flatMap((list) => list.items),
  );
  if (sparesPod(budget, tally, pod)) return;
  throw new ApiError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [
      {
        reason: 'DisruptionBudget',
        message: `The disruption budget ${budget.metadata.name} needs ${tally.desiredHealthy} healthy pods and has ${tally.currentHealthy} currently`,
        field: '',
      },
    ],
  });
}
