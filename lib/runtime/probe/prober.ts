import { type EpochMs, secondMs } from '../../base/clock.ts';
import type { Probe } from '../../schema/types.gen.ts';
import type { ContainerId } from '../driver.ts';
import type { ProbeKind, ProbeResult } from '../pod/pod-state.ts';

/** One probe's outcome; `unknown` when it could not be tried, which changes nothing. */
export type ProbeOutcome = 'success' | 'failure' | 'unknown';

/** One probe of one run of a container. */
export type ProberState = {
  readonly containerId: ContainerId;
  /** What is published. */
  readonly result: ProbeResult;
  /** The latest outcome, and how many times in a row it came. */
  readonly outcome: 'success' | 'failure' | null;
  readonly row: number;
  /** After a liveness or startup failure nothing is probed until the container runs anew. */
  readonly onHold: boolean;
};

/** Source: api/core/v1 Probe defaults. */
const PERIOD_DEFAULT_SECONDS = 10;
const TIMEOUT_DEFAULT_SECONDS = 1;
const FAILURE_THRESHOLD_DEFAULT = 3;

const RESULT_AT_FIRST: Readonly<Record<ProbeKind, ProbeResult>> = {
  liveness: 'success',
  readiness: 'failure',
  startup: 'unknown',
};

/** `published`: what an earlier daemon published of the same run, so that adopting it changes nothing. */
export function newProber(
  kind: ProbeKind,
  containerId: ContainerId,
  published: ProbeResult = RESULT_AT_FIRST[kind],
): ProberState {
  return { containerId, result: published, outcome: null, row: 0, onHold: false };
}

/** The state after an outcome: the published result flips only after enough equal outcomes in a row. */
export function afterOutcome(
  state: ProberState,
  probe: { readonly kind: ProbeKind; readonly spec: Probe; readonly outcome: ProbeOutcome },
): ProberState {
  const { kind, spec, outcome } = probe;
  if (state.onHold || outcome === 'unknown') return state;
  const row = state.outcome === outcome ? state.row + 1 : 1;
  const threshold =
    outcome === 'success'
      ? (spec.successThreshold ?? 1)
      : (spec.failureThreshold ?? FAILURE_THRESHOLD_DEFAULT);
  if (row < threshold) return { ...state, outcome, row };
  const holds = outcome === 'failure' && kind !== 'readiness';
  return { ...state, result: outcome, outcome, row, onHold: holds };
}

/** What a prober needs to know of its container to decide whether to probe now. */
export type ProbedContainer =
  | { readonly phase: 'unknown' }
  | { readonly phase: 'waiting' }
  | { readonly phase: 'terminated'; readonly restarts: boolean }
  | {
      readonly phase: 'running';
      readonly id: ContainerId;
      readonly startedAtMs: EpochMs;
      /** Its startup probe has passed, or it has none. */
      readonly started: boolean;
    };

export type ProbeTurn = {
  readonly keepProbing: boolean;
  readonly probe: boolean;
  /** What is to be published now without probing; null: nothing. */
  readonly publish: ProbeResult | null;
};

const WAIT: ProbeTurn = { keepProbing: true, probe: false, publish: null };

/** One turn of a prober. Source: kubelet prober/worker.go. */
export function probeTurn(input: {
  readonly kind: ProbeKind;
  readonly spec: Probe;
  /** The pod has Failed or Succeeded. */
  readonly podEnded: boolean;
  readonly container: ProbedContainer;
  readonly onHold: boolean;
  readonly now: EpochMs;
}): ProbeTurn {
  const { kind, spec, container } = input;
  if (input.podEnded) return { keepProbing: false, probe: false, publish: null };
  switch (container.phase) {
    case 'unknown':
      return WAIT;
    case 'waiting':
      return { keepProbing: true, probe: false, publish: 'failure' };
    case 'terminated':
      return { keepProbing: container.restarts, probe: false, publish: 'failure' };
    case 'running': {
      if (input.onHold) return WAIT;
      if (kind === 'startup' ? container.started : !container.started) return WAIT;
      const probe = input.now >= firstProbeAt(spec, container.startedAtMs);
      return { keepProbing: true, probe, publish: probe ? null : RESULT_AT_FIRST[kind] };
    }
  }
}

/** initialDelaySeconds counts from the start of the container. */
export function firstProbeAt(spec: Probe, startedAtMs: EpochMs): EpochMs {
  return startedAtMs + (spec.initialDelaySeconds ?? 0) * secondMs;
}

export function periodMsOf(spec: Probe): number {
  return Math.max(1, spec.periodSeconds ?? PERIOD_DEFAULT_SECONDS) * secondMs;
}

export function timeoutMsOf(spec: Probe): number {
  return Math.max(1, spec.timeoutSeconds ?? TIMEOUT_DEFAULT_SECONDS) * secondMs;
}
