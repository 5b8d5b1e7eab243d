import { isApiError } from '../api/api-error.ts';
import type { EpochMs, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { NodeEnd } from './pod/pod-state.ts';
import { podTending } from './pod-tending.ts';
import type { RuntimeEdge } from './runtime-edge.ts';
import { orphanTender } from './tend-orphan.ts';

/** Tends one pod: never two steps at once, whatever wakes it. */
export type PodWorker = {
  /** The pod as the API has it now; null: it has it no more, and never will again, for a uid is used once. */
  see(pod: Pod | null): void;
  /** Something changed: look again. */
  wake(): void;
  /** A ConfigMap or Secret the pod refers to changed. */
  refresh(): void;
  /** It has more of the machine than it may: it ends, for good. */
  evict(message: string): void;
  /** Ends the pod's containers for the node's sake; resolves when none of them runs, or tending ends. */
  leave(end: NodeEnd): Promise<void>;
  /** Ends tending; resolves when the step under way is over. Containers run on. */
  stop(): Promise<void>;
};

export function podWorker(options: {
  readonly podUid: string;
  readonly edge: RuntimeEdge;
  /** The API has the pod no more, and neither has the driver. */
  readonly onGone: () => void;
}): PodWorker {
  const { podUid, edge } = options;
  const { clock } = edge;
  const log = edge.log.with({ podUid });
  let timer: Timer | null = null;
  let working: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  const left = Promise.withResolvers<void>();

  const wake = (): void => {
    again = true;
    if (!stopped) working ??= work();
  };
  const tending = podTending(podUid, edge, wake);
  const tendOrphan = orphanTender(podUid, edge);

  const step = async (): Promise<EpochMs | null> => {
    if (!tending.isGone()) {
      const at = await tending.tend();
      if (tending.hasLeft()) left.resolve();
      if (!tending.isGone()) return at;
    }
    tending.stop();
    const at = await tendOrphan();
    if (at !== null) return at;
    // Nobody knows this worker from here on: what still wakes it is not to start it again.
    stopped = true;
    left.resolve();
    options.onGone();
    return null;
  };
  const look = async (): Promise<EpochMs | null> => {
    try {
      return await step();
    } catch (failure) {
      if (isApiError(failure, 'Conflict')) return clock.now() + timings.conflictRetryMs;
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      log.warn('pod-step-failed', { failure: messageOf(failure) });
      return clock.now() + timings.podRetryMs;
    }
  };
  const work = async (): Promise<void> => {
    // What woke us may not have finished its own turn yet.
    await null;
    while (again && !stopped) {
      again = false;
      timer?.cancel();
      const at = await look();
      if (at !== null && !stopped) timer = clock.setTimer(Math.max(0, at - clock.now()), wake);
    }
    working = null;
  };

  return {
    see(pod) {
      tending.see(pod);
      wake();
    },
    wake,
    refresh() {
      tending.refresh();
      wake();
    },
    evict(message) {
      tending.evict(message);
      wake();
    },
    leave(end) {
      tending.leave(end);
      wake();
      return left.promise;
    },
    async stop() {
      stopped = true;
      left.resolve();
      timer?.cancel();
      tending.stop();
      await working;
    },
  };
}
