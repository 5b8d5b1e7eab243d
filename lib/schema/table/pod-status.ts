import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import { humanDuration } from './human-duration.ts';
import { itemsAt, memberAt, numberAt, textAt } from './member-at.ts';

/** What kubectl prints of a pod: containers that are ready, one word for its state, restarts. */
export type PodSummary = {
  readonly ready: string;
  /** `Running`, `Init:0/2`, `CrashLoopBackOff`, `Terminating`, `Completed`, `ExitCode:3`… */
  readonly status: string;
  /** `0`, `3 (5m ago)`. */
  readonly restarts: string;
};

type Tally = { ready: number; restarts: number; lastRestart: EpochMs | null };

/** Source: kubernetes pkg/printers printPod. */
export function podSummary(pod: JsonObject, now: EpochMs): PodSummary {
  const sidecars = itemsAt(pod, 'spec', 'initContainers').filter(isSidecar);
  const total = itemsAt(pod, 'spec', 'containers').length + sidecars.length;
  const tally: Tally = { ready: 0, restarts: 0, lastRestart: null };
  const sidecarTally: Tally = { ready: 0, restarts: 0, lastRestart: null };
  const sidecarNames = new Set(sidecars.map(({ name }) => name));
  const initialising = initStatus(pod, { sidecarNames, tally, sidecarTally });
  let status = initialising ?? phaseWord(pod);
  let shown = tally;
  if (initialising === undefined || isTrue(pod, 'Initialized')) {
    // Restarts of init containers no longer matter, but those of sidecars go on.
    shown = { ...sidecarTally, ready: tally.ready };
    status = containerStatus(pod, status, shown);
  }
  return {
    ready: `${shown.ready}/${total}`,
    status: deletionWord(pod) ?? status,
    restarts:
      shown.restarts !== 0 && shown.lastRestart !== null
        ? `${shown.restarts} (${humanDuration(now - shown.lastRestart)} ago)`
        : `${shown.restarts}`,
  };
}

function isSidecar(container: JsonObject): boolean {
  return container.restartPolicy === 'Always';
}

function conditionIs(pod: JsonObject, type: string): JsonObject | undefined {
  return itemsAt(pod, 'status', 'conditions').find((condition) => condition.type === type);
}

function isTrue(pod: JsonObject, type: string): boolean {
  return conditionIs(pod, type)?.status === 'True';
}

function phaseWord(pod: JsonObject): string {
  const gated = textAt(conditionIs(pod, 'PodScheduled'), 'reason') === 'SchedulingGated';
  if (gated) return 'SchedulingGated';
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase');
}

function deletionWord(pod: JsonObject): string | undefined {
  if (memberAt(pod, 'metadata', 'deletionTimestamp') === undefined) return undefined;
  if (textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' ? undefined : 'Terminating';
}

function countRestarts(tally: Tally, status: JsonObject): void {
  tally.restarts += numberAt(status, 'restartCount');
  const at = fromRfc3339(textAt(status, 'lastState', 'terminated', 'finishedAt'));
  if (at !== null && (tally.lastRestart === null || at > tally.lastRestart)) tally.lastRestart = at;
}

/** The word of the first init container that has not done its part; undefined when all have. */
function initStatus(
  pod: JsonObject,
  of: { readonly sidecarNames: ReadonlySet<unknown>; readonly tally: Tally; readonly sidecarTally: Tally },
): string | undefined {
  const total = itemsAt(pod, 'spec', 'initContainers').length;
  for (const [index, status] of itemsAt(pod, 'status', 'initContainerStatuses').entries()) {
    const sidecar = of.sidecarNames.has(status.name);
    countRestarts(of.tally, status);
    if (sidecar) countRestarts(of.sidecarTally, status);
    const terminated = memberAt(status, 'state', 'terminated');
    if (isObject(terminated) && numberAt(terminated, 'exitCode') === 0) continue;
    if (sidecar && status.started === true) {
      if (status.ready === true) of.tally.ready += 1;
      continue;
    }
    if (isObject(terminated)) return `Init:${terminatedWord(terminated)}`;
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function terminatedWord(terminated: JsonObject): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(terminated, 'exitCode')}`;
}

/** The word of the first container that has one of its own; `before` otherwise. Counts what is ready. */
function containerStatus(pod: JsonObject, before: string, tally: Tally): string {
  let word = before;
  let running = false;
  for (const status of [...itemsAt(pod, 'status', 'containerStatuses')].reverse()) {
    countRestarts(tally, status);
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = memberAt(status, 'state', 'terminated');
    if (waiting !== '') word = waiting;
    else if (isObject(terminated)) word = terminatedWord(terminated);
    else if (status.ready === true && isObject(memberAt(status, 'state', 'running'))) {
      running = true;
      tally.ready += 1;
    }
  }
  if (word !== 'Completed' || !running) return word;
  return isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
}
