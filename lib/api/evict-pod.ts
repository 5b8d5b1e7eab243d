import type { Clock, EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { setCondition } from '../schema/conditions.ts';
import { matchesLabelSelector } from '../schema/label-selector.ts';
import { refOf } from '../schema/object.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import { ApiError, isApiError } from './api-error.ts';
import type { Caller, Client, DeleteOptions, Operation } from './client.ts';
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
export function evictions(
  client: Client,
  clock: Clock,
): {
  evict(
    pod: { readonly namespace: string; readonly name: string },
    options: DeleteOptions,
    caller: Caller,
  ): Promise<void>;
} {
  let last: Promise<void> = Promise.resolve();
  return {
    evict(pod, options, caller) {
      const turn = last.then(() => evictPod(client, pod, { options, caller, clock }));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

type Asked = { readonly options: DeleteOptions; readonly caller: Caller; readonly clock: Clock };

/** Its node may write its status at the same moment: then everything is looked at again. */
async function evictPod(
  client: Client,
  at: { readonly namespace: string; readonly name: string },
  asked: Asked,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(client, at, asked);
    } catch (failure) {
      const wanted = asked.options.preconditions?.resourceVersion !== undefined;
      if (!isApiError(failure, 'Conflict') || wanted || tries >= limits.evictionTriesMax) throw failure;
    }
  }
}

async function attempt(
  client: Client,
  at: { readonly namespace: string; readonly name: string },
  { options, caller, clock }: Asked,
): Promise<void> {
  const ref = { group: '', kind: 'Pod', ...at };
  const pod = await client.get<KubePod>(ref, caller);
  if (pod === null) {
    throw new ApiError('NotFound', `pods "${at.name}" not found`, {
      details: { kind: 'pods', name: at.name },
    });
  }
  const preconditions = { uid: pod.metadata.uid ?? '', ...options.preconditions };
  if (isPodTerminal(pod) || pod.status?.phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined) {
    // It never worked, works no more, or is on its way: no budget is asked. Source: upstream canIgnorePDB.
    await client.delete(ref, { ...options, preconditions }, caller);
    return;
  }
  await spend(client, pod, caller);
  await client.transact(disruption(pod, { ...options, preconditions }, clock.now()), caller);
}

/** The pod says why it goes, as it goes: a Job can tell an eviction from a failure by it. Source: upstream addConditionAndDeletePod. */
function disruption(pod: KubePod, options: DeleteOptions, now: EpochMs): readonly Operation[] {
  const { resourceVersion, ...preconditions } = options.preconditions ?? {};
  const why = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const status = { ...pod.status, conditions: setCondition(pod.status?.conditions, why, now) };
  // The version that was asked for is held against the first of the two writes; there is another after it.
  const metadata = { ...pod.metadata, resourceVersion: resourceVersion ?? pod.metadata.resourceVersion };
  return [
    { op: 'update', object: { ...pod, metadata, status }, subresource: 'status' },
    { op: 'delete', ref: refOf(pod), options: { ...options, preconditions } },
  ];
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
