import type { EpochMs, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import { diskLimitsOf, overDiskLimit } from './pod/disk-limits.ts';
import type { RuntimeEdge } from './runtime-edge.ts';

export type DiskWatch = { stop(): void };

/**
 * Measures, now and then, what the pods have on the disk whose spec bounds it, one after the other; `evict` is told of those that have
 * more. What takes long is measured the less often: no more than a twentieth of the time goes to one pod.
 */
export function diskWatch(options: {
  readonly edge: Pick<RuntimeEdge, 'driver' | 'clock' | 'log'>;
  /** The node's. */
  readonly pods: () => Iterable<Pod>;
  readonly evict: (podUid: string, message: string) => void;
}): DiskWatch {
  const { edge, evict } = options;
  const { driver, clock, log } = edge;
  let timer: Timer | null = null;
  let stopped = false;
  /** By uid: when to measure it again, of those that are the node's. */
  let dueAtMs = new Map<string, EpochMs>();
  /** Those whose measurement failed the last time: it is told once. */
  const unmeasured = new Set<string>();

  const measure = async (pod: Pod, podUid: string): Promise<void> => {
    const wanted = diskLimitsOf(pod);
    if (wanted === null || driver.diskUsage === undefined) return;
    const names = new Set([...wanted.onDisk, ...wanted.volumes.map(({ name }) => name)]);
    const beganAtMs = clock.now();
    try {
      const usage = await driver.diskUsage(podUid, [...names]);
      unmeasured.delete(podUid);
      const message = overDiskLimit(wanted, usage);
      if (message !== null && !stopped) evict(podUid, message);
    } catch (failure) {
      if (!(failure instanceof WorldError)) throw failure;
      if (!unmeasured.has(podUid)) log.warn('disk-not-measured', { podUid, failure: messageOf(failure) });
      unmeasured.add(podUid);
    }
    const now = clock.now();
    dueAtMs.set(podUid, now + Math.max(timings.diskMeasureMs, 20 * (now - beganAtMs)));
  };
  const look = async (): Promise<void> => {
    const due = new Map<string, EpochMs>();
    const pods = [...options.pods()].filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod),
    );
    for (const { metadata } of pods) due.set(metadata.uid ?? '', dueAtMs.get(metadata.uid ?? '') ?? 0);
    dueAtMs = due;
    for (const podUid of unmeasured) if (!due.has(podUid)) unmeasured.delete(podUid);
    for (const pod of pods) {
      const podUid = pod.metadata.uid ?? '';
      if (stopped) return;
      if ((dueAtMs.get(podUid) ?? 0) <= clock.now()) await measure(pod, podUid);
    }
    arm();
  };
  const arm = (): void => {
    if (!stopped) timer = clock.setTimer(timings.diskMeasureMs, () => void look());
  };
  if (driver.diskUsage !== undefined) arm();
  return {
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
