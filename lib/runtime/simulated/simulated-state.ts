import type { EpochMs } from '../../base/clock.ts';
import type { ContainerId, ContainerRecord, ContainerState, Sandbox, VolumeContent } from '../driver.ts';
import type { SimulatedBehaviour } from './simulated-behaviour.ts';

export type SimulatedContainer = {
  readonly id: ContainerId;
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
  readonly pid: number;
  readonly behaviour: SimulatedBehaviour;
  readonly startsAtMs: EpochMs;
  /** Infinity: it runs on. */
  readonly endsAtMs: EpochMs;
  readonly exitCode: number;
  readonly signal: number | null;
};

/**
 * The simulated machine: what would be processes and files. Kept outside the driver, so that a daemon that "crashed" can hand
 * it to the next driver.
 */
export type SimulatedState = {
  readonly sandboxes: Map<string, Sandbox & { readonly annotation: string | undefined }>;
  readonly containers: Map<ContainerId, SimulatedContainer>;
  readonly volumes: Map<string, Map<string, VolumeContent>>;
  /** How often each container id was really started, ever: never more than once. */
  readonly starts: Map<ContainerId, number>;
  /** Every id handed out so far, for addresses and process ids. */
  serial: number;
};

export function simulatedState(): SimulatedState {
  return { sandboxes: new Map(), containers: new Map(), volumes: new Map(), starts: new Map(), serial: 0 };
}

/** The container as it is at `now`; null before it has started. */
export function recordAt(container: SimulatedContainer, now: EpochMs): ContainerRecord | null {
  if (now < container.startsAtMs) return null;
  const { id, podUid, attempt } = container;
  return { id, podUid, container: container.container, attempt, state: stateAt(container, now) };
}

function stateAt(container: SimulatedContainer, now: EpochMs): ContainerState {
  const { behaviour, startsAtMs, endsAtMs } = container;
  if (behaviour.failsToStart !== null) {
    return { phase: 'failed', message: behaviour.failsToStart, atMs: startsAtMs };
  }
  if (now < endsAtMs) return { phase: 'running', pid: container.pid, startedAtMs: startsAtMs };
  const { exitCode, signal } = container;
  return {
    phase: 'exited',
    exitCode,
    signal,
    startedAtMs: startsAtMs,
    finishedAtMs: endsAtMs,
    oomKilled: false,
  };
}

/** An independent copy of the machine: what happens to one does not happen to the other. */
export function copyOfMachine(state: SimulatedState): SimulatedState {
  return {
    sandboxes: new Map(state.sandboxes),
    containers: new Map(state.containers),
    volumes: new Map([...state.volumes].map(([podUid, volumes]) => [podUid, new Map(volumes)])),
    starts: new Map(state.starts),
    serial: state.serial,
  };
}
