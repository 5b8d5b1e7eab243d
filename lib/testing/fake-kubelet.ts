import { isApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import type { Informers } from '../api/informers.ts';
import { type Clock, type DurationMs, toRfc3339 } from '../base/clock.ts';
import { setCondition } from '../schema/conditions.ts';
import { refOf } from '../schema/object.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod, PodStatus } from '../schema/types.gen.ts';

const POD = { group: '', kind: 'Pod' } as const;
const caller: Caller = { user: 'system:node:fake', fieldManager: 'kubelet' };

/** How a pod fares. `readyAfterMs: null`: it runs and never becomes ready. `ends`: it exits by itself. */
export type PodFate = {
  readonly readyAfterMs: DurationMs | null;
  readonly stopAfterMs: DurationMs;
  readonly ends?: { readonly afterMs: DurationMs; readonly exitCode: number };
};

/**
 * The least that a node agent does, for tests of what is above it: pods that have a node run, become ready after a while, and
 * are gone a while after they were deleted. A pod whose first container's image is `broken` never becomes ready.
 */
export function fakeKubelet(options: {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly fateOf?: (pod: Pod) => PodFate;
}): { stop(): void } {
  const { client, informers, clock } = options;
  const fateOf = options.fateOf ?? defaultFate;
  /** By uid: what was begun with the pod already. */
  const running = new Set<string>();
  const stopping = new Set<string>();
  let addresses = 0;
  let stopped = false;

  const later = (delayMs: DurationMs, act: () => Promise<unknown>): void => {
    clock.setTimer(delayMs, () => {
      if (!stopped) void act().catch(ignoreGone);
    });
  };
  const report = async (uid: string, change: (pod: Pod) => PodStatus | undefined): Promise<void> => {
    const pod = [...informers.of<Pod>(POD).objects.values()].find(({ metadata }) => metadata.uid === uid);
    const status = pod && change(pod);
    if (pod === undefined || status === undefined) return;
    const { resourceVersion: _resourceVersion, ...metadata } = pod.metadata;
    await client.update({ ...pod, metadata, status }, caller, { subresource: 'status' });
  };
  const setReady = (pod: Pod, ready: boolean): PodStatus => {
    const status = ready ? 'True' : 'False';
    const conditions = setCondition(pod.status?.conditions, { type: 'Ready', status }, clock.now());
    return {
      ...pod.status,
      conditions: setCondition(conditions, { type: 'ContainersReady', status }, clock.now()),
    };
  };
  /** All its containers exit with this code; one that is being stopped just goes. */
  const ended = (pod: Pod, exitCode: number): PodStatus | undefined => {
    if (pod.metadata.deletionTimestamp !== undefined) return undefined;
    const finishedAt = toRfc3339(clock.now());
    const terminated = { exitCode, finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' };
    const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => {
      return { name, image, imageID: '', ready: false, restartCount: 0, state: { terminated } };
    });
    return { ...setReady(pod, false), containerStatuses, phase: exitCode === 0 ? 'Succeeded' : 'Failed' };
  };
  const look = (pod: Pod): void => {
    const { uid = '' } = pod.metadata;
    if ((pod.spec.nodeName ?? '') === '' || isPodTerminal(pod)) return;
    const fate = fateOf(pod);
    if (pod.metadata.deletionTimestamp !== undefined && !stopping.has(uid)) {
      stopping.add(uid);
      const how = { gracePeriodSeconds: 0, preconditions: { uid } };
      later(fate.stopAfterMs, () => client.delete(refOf(pod), how, caller));
    }
    if (running.has(uid)) return;
    running.add(uid);
    addresses += 1;
    const podIP = `10.0.${Math.trunc(addresses / 250)}.${(addresses % 250) + 1}`;
    const start = (at: Pod): PodStatus => ({
      ...setReady(at, false),
      phase: 'Running',
      podIP,
      startTime: toRfc3339(clock.now()),
    });
    later(0, () => report(uid, start));
    if (fate.readyAfterMs !== null) {
      later(fate.readyAfterMs, () =>
        report(uid, (at) => (isPodTerminal(at) ? at.status : setReady(at, true))),
      );
    }
    const { ends } = fate;
    if (ends !== undefined) later(ends.afterMs, () => report(uid, (at) => ended(at, ends.exitCode)));
  };
  for (const pod of informers.of<Pod>(POD).objects.values()) look(pod);
  const subscription = informers.of<Pod>(POD).onChange(({ after }) => {
    if (after !== undefined) look(after);
  });
  return {
    stop() {
      stopped = true;
      subscription.stop();
    },
  };
}

function defaultFate(pod: Pod): PodFate {
  const broken = pod.spec.containers[0]?.image === 'broken';
  return { readyAfterMs: broken ? null : 1_000, stopAfterMs: 500 };
}

function ignoreGone(failure: unknown): void {
  if (!isApiError(failure, 'NotFound', 'Conflict')) throw failure;
}
