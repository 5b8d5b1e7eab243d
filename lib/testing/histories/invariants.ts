import type { EpochMs } from '../../base/clock.ts';
import type { SimulatedState } from '../../runtime/simulated/simulated-state.ts';
import { recordAt } from '../../runtime/simulated/simulated-state.ts';
import { resolveIntOrPercent } from '../../schema/int-or-percent.ts';
import { controllerOf } from '../../schema/owner.ts';
import { isPodActive, isPodAvailable, isPodReady, isPodTerminal } from '../../schema/pod-conditions.ts';
import { parseQuantity, quantityToMillis } from '../../schema/quantity.ts';
import type { Deployment, Job, Node, Pod, ReplicaSet } from '../../schema/types.gen.ts';
import type { MemoryDisk } from '../memory-disk.ts';

/**
 * What must hold at every moment, whatever happens: looked at each time something became durable. Controllers see what was just written a
 * moment later, so that what was allowed within the last second still is.
 */
export type Invariants = {
  look(disk: MemoryDisk, machine: SimulatedState, now: EpochMs): void;
  /** These pods are deleted by somebody else than their controller. */
  spare(uid: string): void;
  readonly faults: ReadonlySet<string>;
};

const LATELY_MS = 1_000;
/** On a ReplicaSet: the size of the Deployment for which its own was worked out. */
const DESIRED = 'deployment.kubernetes.io/desired-replicas';

type Uid = string;
type Past<T> = { readonly atMs: EpochMs; readonly value: T }[];

export function invariants(): Invariants {
  const faults = new Set<string>();
  const spared = new Set<Uid>();
  const namesByUid = new Map<Uid, string>();
  const succeeded = new Map<Uid, Set<Uid>>();
  const counted = new Map<Uid, number>();
  const wanted = new Map<Uid, Past<number>>();
  const readyAt = new Map<Uid, EpochMs>();
  let before = new Map<Uid, Pod>();
  let setsBefore = new Map<Uid, ReplicaSet>();

  /** The values of the last second, the one before them too. */
  const lately = (key: string, value: number, now: EpochMs): readonly number[] => {
    const past = wanted.get(key) ?? [];
    wanted.set(key, past);
    if (past.at(-1)?.value !== value) past.push({ atMs: now, value });
    while ((past[1]?.atMs ?? now) < now - LATELY_MS) past.shift();
    return past.map((each) => each.value);
  };

  const lookAtSets = (disk: MemoryDisk, pods: readonly Pod[], now: EpochMs): void => {
    const sets = disk.objects<ReplicaSet>('/apps/replicasets/');
    // Their pods are evicted by whoever looks after nodes.
    const lost = new Set(
      disk
        .objects<Node>('//nodes/')
        .filter(({ spec }) => spec?.taints?.some(({ effect }) => effect === 'NoExecute'))
        .map(({ metadata }) => metadata.name),
    );
    for (const set of sets) {
      const { uid = '', name, deletionTimestamp } = set.metadata;
      const replicas = lately(`set ${uid}`, set.spec.replicas ?? 1, now);
      if (deletionTimestamp !== undefined) continue;
      const own = pods.filter((pod) => controllerOf(pod)?.uid === uid);
      const active = own.filter(isPodActive).length;
      const fresh = own.some(({ metadata }) => !before.has(metadata.uid ?? ''));
      if (fresh && active > Math.max(...replicas))
        faults.add(`ReplicaSet ${name}: ${active} pods of ${replicas}`);
      const stopped = own.filter(
        (pod) =>
          isStopped(pod, before.get(pod.metadata.uid ?? '')) &&
          !spared.has(pod.metadata.uid ?? '') &&
          !lost.has(pod.spec.nodeName ?? ''),
      );
      if (stopped.length > 0 && active < Math.min(...replicas))
        faults.add(`ReplicaSet ${name}: stopped pods, and has ${active} of ${replicas}`);
    }
    for (const deployment of disk.objects<Deployment>('/apps/deployments/'))
      lookAtDeployment(deployment, { sets, pods, now });
    setsBefore = new Map(sets.map((set) => [set.metadata.uid ?? '', set]));
  };

  const lookAtDeployment = (
    deployment: Deployment,
    {
      sets,
      pods,
      now,
    }: { readonly sets: readonly ReplicaSet[]; readonly pods: readonly Pod[]; readonly now: EpochMs },
  ): void => {
    const { uid = '', name } = deployment.metadata;
    const { replicas = 1, strategy } = deployment.spec;
    const rolling = strategy?.type === 'Recreate' ? null : strategy?.rollingUpdate;
    const surge = resolveIntOrPercent(rolling?.maxSurge ?? 0, { total: replicas, round: 'up' }) ?? 0;
    const unavailable =
      resolveIntOrPercent(rolling?.maxUnavailable ?? 0, { total: replicas, round: 'down' }) ?? 0;
    // Where both come to nothing, one may be missing.
    const missing = surge === 0 && unavailable === 0 ? 1 : unavailable;
    const most = Math.max(...lately(`most ${uid}`, replicas + surge, now));
    const least = Math.min(...lately(`least ${uid}`, replicas - missing, now));
    const own = sets.filter((set) => controllerOf(set)?.uid === uid);
    const sizes = own.map((set) => ({
      set,
      is: set.spec.replicas ?? 1,
      was: setsBefore.get(set.metadata.uid ?? '')?.spec.replicas ?? 0,
    }));
    const total = sizes.reduce((sum, { is }) => sum + is, 0);
    if (sizes.some(({ is, was }) => is > was) && total > most)
      faults.add(`Deployment ${name}: ReplicaSets of ${total} pods, ${most} allowed`);
    if (rolling === null) {
      // A pod of one template begins where one of another is still meant to run.
      const hashes = new Set(
        pods
          .filter((pod) => own.some((set) => controllerOf(pod)?.uid === set.metadata.uid) && isPodActive(pod))
          .map(({ metadata }) => metadata.labels?.['pod-template-hash']),
      );
      if (hashes.size > 1) faults.add(`Deployment ${name}: pods of ${hashes.size} templates under Recreate`);
      return;
    }
    if (!sizes.some(({ is, was, set }) => is < was && setsBefore.has(set.metadata.uid ?? ''))) return;
    // A change of size is spread by shares, whatever is available (upstream's too).
    const wasSizedFor = (set: ReplicaSet): string | undefined =>
      setsBefore.get(set.metadata.uid ?? '')?.metadata.annotations?.[DESIRED];
    if (sizes.some(({ set, was }) => was > 0 && wasSizedFor(set) !== `${replicas}`)) return;
    let [kept, lost] = [0, 0];
    for (const { set, is } of sizes) {
      const active = pods.filter((pod) => controllerOf(pod)?.uid === set.metadata.uid && isPodActive(pod));
      const ready = active.filter(
        ({ metadata }) => (readyAt.get(metadata.uid ?? '') ?? 0) >= now - LATELY_MS,
      );
      const { minReadySeconds = 0 } = set.spec;
      const available = ready.filter((pod) =>
        isPodAvailable(pod, minReadySeconds + (minReadySeconds > 0 ? 1 : 0), now),
      );
      // Those that are not ready go first.
      kept += Math.min(ready.length, is);
      lost += Math.max(0, available.length - is);
    }
    if (lost > 0 && kept < least) faults.add(`Deployment ${name}: leaves ${kept} ready, ${least} at least`);
  };

  const lookAtJobs = (disk: MemoryDisk, pods: readonly Pod[], now: EpochMs): void => {
    for (const job of disk.objects<Job>('/batch/jobs/')) {
      const { uid = '', name } = job.metadata;
      const own = pods.filter((pod) => controllerOf(pod)?.uid === uid);
      const ended = succeeded.get(uid) ?? new Set();
      succeeded.set(uid, ended);
      for (const { metadata, status } of own)
        if (status?.phase === 'Succeeded') ended.add(metadata.uid ?? '');
      const count = job.status?.succeeded ?? 0;
      if (count > ended.size) faults.add(`Job ${name}: ${count} successes counted of ${ended.size}`);
      if (count < (counted.get(uid) ?? 0)) faults.add(`Job ${name}: successes fall to ${count}`);
      counted.set(uid, count);
      const parallelism = Math.max(...lately(`job ${uid}`, job.spec.parallelism ?? 1, now));
      const fresh = own.some(({ metadata }) => !before.has(metadata.uid ?? ''));
      const active = own.filter(isPodActive).length;
      if (fresh && active > parallelism)
        faults.add(`Job ${name}: ${active} pods at once, ${parallelism} allowed`);
    }
  };

  const lookAtNodes = (disk: MemoryDisk, pods: readonly Pod[]): void => {
    for (const node of disk.objects<Node>('//nodes/')) {
      const { name } = node.metadata;
      const here = pods.filter((pod) => pod.spec.nodeName === name && !isPodTerminal(pod));
      if (!here.some((pod) => (before.get(pod.metadata.uid ?? '')?.spec.nodeName ?? '') === '')) continue;
      const used = here.reduce((sum, pod) => sum + cpuOf(pod), 0);
      const { cpu = '0', pods: max = '0' } = node.status?.allocatable ?? {};
      if (used > millisOf(cpu)) faults.add(`Node ${name}: ${used}m CPU bound of ${cpu}`);
      if (here.length > Number(max)) faults.add(`Node ${name}: ${here.length} pods bound of ${max}`);
    }
  };

  const lookAtOrdinals = (machine: SimulatedState, now: EpochMs): void => {
    const running = new Map<string, Uid>();
    for (const container of machine.containers.values()) {
      const { podUid } = container;
      const name = namesByUid.get(podUid);
      if (name === undefined || recordAt(container, now)?.state.phase !== 'running') continue;
      const other = running.get(name);
      if (other !== undefined && other !== podUid) faults.add(`StatefulSet: two of ${name} run`);
      running.set(name, podUid);
    }
  };

  const lookAtEach = (pods: readonly Pod[]): void => {
    const places = new Map<string, number>();
    for (const pod of pods) {
      if (controllerOf(pod)?.kind !== 'DaemonSet' || !isPodActive(pod)) continue;
      const place = `${controllerOf(pod)?.name} on ${targetOf(pod)}`;
      places.set(place, (places.get(place) ?? 0) + 1);
    }
    for (const [place, count] of places) if (count > 1) faults.add(`DaemonSet: ${count} pods of ${place}`);
  };

  return {
    faults,
    spare: (uid) => void spared.add(uid),
    look(disk, machine, now) {
      const pods = disk.objects<Pod & { readonly apiVersion: string; readonly kind: string }>('//pods/');
      for (const pod of pods) {
        const { uid = '', name } = pod.metadata;
        if (controllerOf(pod)?.kind === 'StatefulSet') namesByUid.set(uid, name);
        if (isPodActive(pod) && isPodReady(pod)) readyAt.set(uid, now);
      }
      lookAtSets(disk, pods, now);
      lookAtJobs(disk, pods, now);
      lookAtNodes(disk, pods);
      lookAtOrdinals(machine, now);
      lookAtEach(pods);
      before = new Map(pods.map((pod) => [pod.metadata.uid ?? '', pod]));
    },
  };
}

function isStopped(pod: Pod, before: Pod | undefined): boolean {
  return pod.metadata.deletionTimestamp !== undefined && before !== undefined && isPodActive(before);
}

function cpuOf({ spec }: Pod): number {
  return spec.containers.reduce((sum, { resources }) => sum + millisOf(resources?.requests?.cpu ?? '0'), 0);
}

function millisOf(text: string | number): number {
  const quantity = parseQuantity(`${text}`);
  return quantity === null ? 0 : quantityToMillis(quantity);
}

/** Where a DaemonSet wants the pod. */
function targetOf({ spec }: Pod): string {
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0] ?? '';
}
