import type { EpochMs } from '../../base/clock.ts';
import type { Container } from '../../schema/types.gen.ts';
import {
  finishedAtOf,
  type Run,
  runsOf,
  startedAtOf,
  statusOfContainer,
  succeeded,
} from './container-run.ts';
import type { PodState, ProbeKind, ProbeResult } from './pod-state.ts';
import { type Backoff, backoffOfRuns, crashLoopRule } from './restart-backoff.ts';

/**
 * `init`: runs once to its end, before the next. `sidecar`: an init container that stays. `ephemeral`: added to look in; runs
 * once, and neither phase nor readiness count it. `main`: the rest.
 */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** One container of a pod, as everything that is decided about it sees it. */
export type ContainerView = {
  readonly spec: Container;
  readonly role: ContainerRole;
  /** The latest run, if there was any. */
  readonly current: Run | null;
  readonly previous: Run | null;
  readonly restartCount: number;
  readonly running: boolean;
  /** Running, its postStart hook done and its startup probe passed. */
  readonly started: boolean;
  /** Counts as ready: started and its readiness probe passed; an init container: ended well; an ephemeral one never. */
  readonly ready: boolean;
  /** Its postStart hook has not been done yet, so it is not reported as running. */
  readonly hooking: boolean;
  /** The latest run is over and restart policy asks for another. */
  readonly restarts: boolean;
  /** The latest run is over and stays so. */
  readonly done: boolean;
  readonly backoff: Backoff | null;
};

/** Whether a container of `role` runs again after `run`. */
export function shouldRestart(role: ContainerRole, restartPolicy: string, run: Run): boolean {
  switch (role) {
    case 'sidecar':
      return true;
    case 'init':
      return !succeeded(run) && restartPolicy !== 'Never';
    case 'ephemeral':
      return false;
    case 'main':
      return restartPolicy === 'OnFailure' ? !succeeded(run) : restartPolicy !== 'Never';
  }
}

/** All containers of a pod: init containers and sidecars, main, ephemeral; each in their order. */
export function containerViews(state: PodState): readonly ContainerView[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = state.pod.spec;
  return [
    ...initContainers.map((spec) =>
      viewOf(state, spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init'),
    ),
    ...containers.map((spec) => viewOf(state, spec, 'main')),
    ...ephemeralContainers.map((spec) => viewOf(state, spec, 'ephemeral')),
  ];
}

function viewOf(state: PodState, spec: Container, role: ContainerRole): ContainerView {
  const runs = runsOf(state.pod, state.containers, spec.name);
  const current = runs.at(-1) ?? null;
  const previous = runs.at(-2) ?? null;
  const running = current?.state.phase === 'running';
  const probes = current === null ? undefined : state.probes.get(current.id);
  const hooking =
    running && current !== null && spec.lifecycle?.postStart !== undefined && !hookDone(state, current);
  const started = running && !hooking && (spec.startupProbe === undefined || probes?.startup === 'success');
  const ended = current !== null && !running;
  const restarts = ended && shouldRestart(role, state.pod.spec.restartPolicy ?? 'Always', current);
  return {
    spec,
    role,
    current,
    previous,
    restartCount: Math.max(current?.attempt ?? 0, statusOfContainer(state.pod, spec.name)?.restartCount ?? 0),
    running,
    started,
    ready: isReady({ spec, role, current }, started, probes),
    hooking,
    restarts,
    done: ended && !restarts,
    backoff: backoffOf(state, spec.name, current, previous),
  };
}

function isReady(
  { spec, role, current }: Pick<ContainerView, 'spec' | 'role' | 'current'>,
  started: boolean,
  probes: Readonly<Partial<Record<ProbeKind, ProbeResult>>> | undefined,
): boolean {
  switch (role) {
    case 'init':
      return current !== null && succeeded(current);
    case 'ephemeral':
      return false;
    case 'sidecar':
    case 'main':
      return started && (spec.readinessProbe === undefined || probes?.readiness === 'success');
  }
}

/** Done as far as we remember, or as the status says: it reports a run as running only after its hook. */
function hookDone(state: PodState, run: Run): boolean {
  const remembered = state.memory.postStart.get(run.id);
  if (remembered !== undefined) return remembered === 'done';
  const status = [
    ...(state.pod.status?.containerStatuses ?? []),
    ...(state.pod.status?.initContainerStatuses ?? []),
  ].find(({ containerID }) => containerID?.endsWith(`/${run.id}`) === true);
  return status?.state?.running !== undefined;
}

function backoffOf(
  state: PodState,
  container: string,
  current: Run | null,
  previous: Run | null,
): Backoff | null {
  const kept = state.memory.backoffs.get(container);
  if (kept !== undefined) return kept;
  if (current === null) return null;
  const previousFinishedAtMs: EpochMs | null = previous === null ? null : finishedAtOf(previous);
  return backoffOfRuns(
    { attempt: current.attempt, startedAtMs: startedAtOf(current), previousFinishedAtMs },
    crashLoopRule,
  );
}
