import { type PodDisruptionBudget, SIZED_KINDS, type Workload } from '../../api/disruption-budget.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import type { ObjectRef } from '../../schema/object.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { decideDisruption } from './decide.ts';

const BUDGET = { group: 'policy', kind: 'PodDisruptionBudget' } as const;
type Templated = Workload & {
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
  };
};
const POD = { group: '', kind: 'Pod' } as const;

/** Says of every PodDisruptionBudget how many pods it can spare. Evictions count for themselves: they never wait for this. */
export function disruptionController(): Controller {
  return {
    name: 'disruption-controller',
    kind: BUDGET,
    watches: [
      watching<Pod>(POD, ({ metadata }, informers) =>
        informers
          .of<PodDisruptionBudget>(BUDGET)
          .inNamespace(metadata.namespace ?? '')
          .filter(({ spec }) => matchesLabelSelector(spec?.selector, metadata.labels))
          .map(keyOf),
      ),
      ...SIZED_KINDS.map((kind) =>
        watching<Templated>(kind, ({ metadata, spec }, informers) =>
          informers
            .of<PodDisruptionBudget>(BUDGET)
            .inNamespace(metadata.namespace ?? '')
            .filter((budget) => matchesLabelSelector(budget.spec?.selector, spec?.template?.metadata?.labels))
            .map(keyOf),
        ),
      ),
    ],
    reconcile,
  };
}

async function reconcile(ref: ObjectRef, { informers, client, caller, now }: Context): Promise<Result> {
  const budget = informers.of<PodDisruptionBudget>(BUDGET).get(ref);
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return done;
  const pods = informers
    .of<Pod>(POD)
    .inNamespace(ref.namespace)
    .filter((pod) => matchesLabelSelector(budget.spec?.selector, pod.metadata.labels) && !isPodTerminal(pod));
  const workloads = SIZED_KINDS.flatMap((kind) => informers.of<Workload>(kind).inNamespace(ref.namespace));
  const status = decideDisruption(budget, { pods, workloads }, now);
  if (deepEqual(status, budget.status)) return done;
  await client.update({ ...budget, status }, caller, { subresource: 'status' });
  return done;
}
