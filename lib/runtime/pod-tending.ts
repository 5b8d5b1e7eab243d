import type { EpochMs } from '../base/clock.ts';
import { limits, timings } from '../base/limits.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import { adoptImages } from './container/adopt-images.ts';
import { performAction } from './perform-action.ts';
import { decidePod } from './pod/decide-pod.ts';
import { isEvicted } from './pod/pod-end.ts';
import { podLimitations } from './pod/pod-limitations.ts';
import { addLimitations, forgetRuns, retryConfiguration, workingMemory } from './pod/pod-memory.ts';
import type { NodeEnd, PodDecision, PodState } from './pod/pod-state.ts';
import { dismiss, type PodTask, tell } from './pod-task.ts';
import { podWriter } from './pod-writer.ts';
import { type ProbedPod, podProbes } from './probe/pod-probes.ts';
import { probeTargets, publishedResults } from './probe/probe-targets.ts';
import type { RuntimeEdge } from './runtime-edge.ts';
import { tokensDueAtMs } from './volume/pod-tokens.ts';
import { refreshVolumes } from './volume/prepare-volumes.ts';

/** The tending of one pod, a look at a time; its worker says when. */
export type PodTending = {
  see(pod: Pod | null): void;
  /** The API has it no more. */
  isGone(): boolean;
  /** Does all there is to do now. Answers when to look again if nothing happens before; null: never. */
  tend(): Promise<EpochMs | null>;
  refresh(): void;
  /** It has more of the machine than it may: it ends, for good. */
  evict(message: string): void;
  /** From now on its containers are only ended, as the node's end asks; what comes of it is not told to the API. */
  leave(end: NodeEnd): void;
  /** It was left, and nothing of it runs any more. */
  hasLeft(): boolean;
  stop(): void;
};

export function podTending(podUid: string, edge: RuntimeEdge, wake: () => void): PodTending {
  const { clock, driver } = edge;
  const memory = workingMemory();
  const writer = edge.writerOf?.(podUid) ?? podWriter(edge);
  const seen: ProbedPod = { pod: null, sandbox: null };
  const board = podProbes(edge, seen, wake);
  let gone = false;
  /** At first too: what its volumes hold may have changed while nobody looked, and tokens are held in memory only. */
  let stale = true;
  /** Finalizers hold the object; the node has nothing more to do for it. */
  let released = false;
  let toldBackoffs = '';
  let nodeEnd: NodeEnd | undefined;
  let left = false;

  /** When one of its tokens is to be replaced; what has ended needs none. */
  const dueAtMs = (pod: Pod): EpochMs | null => (isPodTerminal(pod) ? null : tokensDueAtMs(memory.tokens));
  /** Takes the newer of what was seen and what a write answered. */
  const take = (pod: Pod | null): void => {
    if (pod === null) gone = true;
    else if (!gone && (seen.pod === null || isNewer(pod, seen.pod))) seen.pod = pod;
  };
  const gather = async (pod: Pod): Promise<PodState> => {
    const { sandbox, containers } = await edge.view.read(podUid);
    seen.sandbox = sandbox;
    for (const record of containers) {
      if (record.state.phase === 'running') board.adopt(record.id, publishedResults(pod, record));
    }
    forgetRuns(memory, new Set(containers.map(({ id }) => id)));
    await adoptImages(edge, pod, { memory, containers });
    if (sandbox !== null && driver.name !== 'simulated')
      addLimitations(memory, podLimitations(pod, driver.name));
    const { hostIP } = edge;
    const { volumes } = memory;
    const end = nodeEnd && { nodeEnd };
    return { pod, sandbox, containers, probes: board.results, volumes, memory, hostIP, ...end };
  };
  /** Nothing to do: the API is told, and what is over is taken away. */
  const settle = async (task: PodTask, decision: PodDecision): Promise<EpochMs | null> => {
    const { pod, sandbox } = task;
    const ported = sandbox === null ? pod : await writer.writePorts(pod, sandbox);
    take(ported);
    const written = ported === null ? null : await writer.writeStatus(ported, decision.status);
    take(written);
    // CRASH: the pod's end is written; a daemon that starts anew comes past here, too.
    if (written !== null && sandbox !== null && isEvicted(written)) await driver.removeSandbox(podUid);
    if (written === null || !decision.gone) {
      // A token that could not be had is asked for again, but not at once.
      const due = dueAtMs(pod);
      const again = due === null ? null : Math.max(due, clock.now() + timings.configRetryMs);
      return soonest(decision.requeueAtMs, again);
    }
    // CRASH: the status is written; a daemon that starts anew finds nothing running and takes these two steps.
    await driver.removeSandbox(podUid);
    if (await writer.finishDeletion(written)) take(null);
    else released = true;
    return null;
  };
  const tellBackoffs = (task: PodTask, { waitingOn }: PodDecision): void => {
    const waiting = waitingOn.flatMap((entry) => (entry.on === 'back-off' ? [entry] : []));
    const text = JSON.stringify(waiting);
    if (text === toldBackoffs) return;
    toldBackoffs = text;
    for (const { container } of waiting) {
      const { name, namespace, uid } = task.pod.metadata;
      const message = `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`;
      tell(task, 'Warning', 'BackOff', message, container);
    }
  };

  return {
    see: take,
    isGone: () => gone,
    async tend() {
      for (let step = 0; step < limits.podStepsMax; step += 1) {
        const { pod } = seen;
        if (pod === null || gone || released) return null;
        const state = await gather(pod);
        const { sandbox } = state;
        const due = dueAtMs(pod);
        if (due !== null && due <= clock.now()) stale = true;
        // What is prepared later is read then.
        if (sandbox === null) stale = false;
        if (stale && sandbox !== null && pod.metadata.deletionTimestamp === undefined) {
          stale = false;
          if (memory.volumes.phase !== 'failed') await refreshVolumes({ pod, sandbox, memory, edge });
        }
        const now = clock.now();
        const decision = decidePod(state, now);
        const task: PodTask = { edge, pod, sandbox, memory, wake };
        board.follow(probeTargets(state, now), runningIds(state));
        if (decision.actions.length === 0 && nodeEnd !== undefined && !decision.gone) {
          // The API keeps saying that it runs: that is what the next daemon is to make true.
          left = runningIds(state).size === 0;
          return decision.requeueAtMs;
        }
        if (decision.actions.length === 0) {
          tellBackoffs(task, decision);
          return settle(task, decision);
        }
        for (const action of decision.actions) await performAction(task, action, state.containers);
      }
      edge.log.warn('pod-steps-exceeded', { podUid });
      return clock.now() + timings.podRetryMs;
    },
    refresh() {
      stale = true;
      retryConfiguration(memory, clock.now());
    },
    evict(message) {
      const { pod } = seen;
      if (pod === null || memory.eviction !== null || isPodTerminal(pod)) return;
      const { sandbox } = seen;
      dismiss({ edge, pod, sandbox, memory, wake }, 'Evicted', message);
    },
    leave(end) {
      nodeEnd ??= end;
    },
    hasLeft: () => left || released,
    stop: () => board.stop(),
  };
}

function soonest(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function runningIds({ containers }: PodState): ReadonlySet<string> {
  return new Set(containers.flatMap(({ id, state }) => (state.phase === 'running' ? [id] : [])));
}

/** resourceVersions are positions in one order. Source: KEP-5504, comparable resource versions. */
function isNewer(a: Pod, b: Pod): boolean {
  const left = a.metadata.resourceVersion ?? '0';
  const right = b.metadata.resourceVersion ?? '0';
  return left.length === right.length ? left > right : left.length > right.length;
}
