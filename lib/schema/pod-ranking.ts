import { type EpochMs, fromRfc3339 } from '../base/clock.ts';
import { isPodReady, podReadySince } from './pod-conditions.ts';
import type { Pod } from './types.gen.ts';

/** `rank`: how many active pods of related ReplicaSets (one Deployment's) are on the pod's node. */
export type RankedPod = { readonly pod: Pod; readonly rank: number };

export const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';

type Order = (a: RankedPod, b: RankedPod, now: EpochMs) => number;

const PHASE_ORDER: ReadonlyMap<string, number> = new Map([
  ['Pending', 0],
  ['Unknown', 1],
  ['Running', 2],
]);

const phase = ({ pod }: RankedPod): number => PHASE_ORDER.get(pod.status?.phase ?? '') ?? 0;
const ready = ({ pod }: RankedPod): number => Number(isPodReady(pod));
const assigned = ({ pod }: RankedPod): number => Number((pod.spec.nodeName ?? '') !== '');

/** A cost that is no 32 bit integer counts as none: the API refuses it, old objects may have it. */
function deletionCost({ pod }: RankedPod): number {
  const text = pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? '0';
  const cost = /^-?(0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : 0;
  return Math.abs(cost) < 2 ** 31 ? cost : 0;
}

function restarts({ pod }: RankedPod, which: 'containers' | 'sidecars'): number {
  const sidecars = new Set(
    pod.spec.initContainers?.filter((one) => one.restartPolicy === 'Always').map((one) => one.name),
  );
  const statuses =
    which === 'containers'
      ? pod.status?.containerStatuses
      : pod.status?.initContainerStatuses?.filter((one) => sidecars.has(one.name));
  return Math.max(0, ...(statuses ?? []).map((one) => one.restartCount));
}

/** Ages in the same power of two (of nanoseconds, as upstream counts) are the same age: 5 hours and 8, not 2 and 5. */
function ageBucket(at: EpochMs, now: EpochMs): number {
  return at < now ? Math.floor(Math.log2((now - at) * 1e6)) : -1;
}

/** The later first; an unknown time counts as the latest. Ages alike: by uid, so that the order is the same each time. */
const laterFirst =
  (timeOf: (pod: RankedPod) => EpochMs | null): Order =>
  (a, b, now) => {
    const [timeA, timeB] = [timeOf(a), timeOf(b)];
    if (timeA === timeB) return 0;
    if (timeA === null) return -1;
    if (timeB === null) return 1;
    const byAge = ageBucket(timeA, now) - ageBucket(timeB, now);
    if (byAge !== 0) return byAge;
    const [uidA, uidB] = [a.pod.metadata.uid ?? '', b.pod.metadata.uid ?? ''];
    return uidA < uidB ? -1 : uidA > uidB ? 1 : 0;
  };

/** The first that tells two pods apart decides. Source: kubernetes pkg/controller ActivePodsWithRanks. */
const ORDERS: readonly Order[] = [
  (a, b) => assigned(a) - assigned(b),
  (a, b) => phase(a) - phase(b),
  (a, b) => ready(a) - ready(b),
  (a, b) => deletionCost(a) - deletionCost(b),
  (a, b) => b.rank - a.rank,
  (a, b, now) => (ready(a) + ready(b) === 2 ? laterFirst(({ pod }) => podReadySince(pod))(a, b, now) : 0),
  (a, b) => restarts(b, 'containers') - restarts(a, 'containers'),
  (a, b) => restarts(b, 'sidecars') - restarts(a, 'sidecars'),
  laterFirst(({ pod }) => fromRfc3339(pod.metadata.creationTimestamp)),
];

/** Negative: `a` is deleted before `b`. */
export function comparePodsForDeletion(a: RankedPod, b: RankedPod, now: EpochMs): number {
  for (const order of ORDERS) {
    const difference = order(a, b, now);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The pods in the order in which surplus ones are deleted, first to go first. */
export function rankPodsForDeletion(pods: readonly RankedPod[], now: EpochMs): readonly Pod[] {
  return [...pods].sort((a, b) => comparePodsForDeletion(a, b, now)).map(({ pod }) => pod);
}
