import test from 'ava';
import fc from 'fast-check';
import type { Probe } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import type { ProbeKind } from '../pod/pod-state.ts';
import { afterOutcome, newProber, type ProbedContainer, type ProberState, probeTurn } from './prober.ts';

type Input = {
  readonly probeType: ProbeKind;
  readonly podStatus?: null;
  readonly container?: 'running' | 'waiting' | 'terminated';
  readonly probe?: 'success';
  readonly initialDelaySeconds?: number;
  readonly secondsSinceContainerStart?: readonly number[];
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly outcomes?: readonly ('S' | 'F')[];
  readonly steps?: readonly { readonly probe: 'S' | 'F'; readonly newContainerId?: boolean }[];
};
type Expected = {
  readonly keepProbing?: boolean;
  readonly resultSet?: boolean;
  readonly result?: string | null;
  readonly results?: readonly string[];
  readonly onHold?: readonly boolean[];
};

const START_MS = 1_000_000;
const outcomeOf = { S: 'success', F: 'failure' } as const;
const letterOf = { success: 'S', failure: 'F', unknown: 'U' } as const;
const wordOf = { success: 'Success', failure: 'Failure', unknown: 'Unknown' } as const;

function containerOf(input: Input): ProbedContainer {
  if (input.podStatus === null) return { phase: 'unknown' };
  if (input.container === 'waiting') return { phase: 'waiting' };
  if (input.container === 'terminated') return { phase: 'terminated', restarts: true };
  return { phase: 'running', id: 'u.c.0', startedAtMs: START_MS, started: input.probeType !== 'startup' };
}

/** One turn, and the probe when its turn says so. */
function turn(input: Input, now: number) {
  const spec: Probe =
    input.initialDelaySeconds === undefined ? {} : { initialDelaySeconds: input.initialDelaySeconds };
  const kind = input.probeType;
  const container = containerOf(input);
  const decided = probeTurn({ kind, spec, podEnded: false, container, onHold: false, now });
  if (!decided.probe) return { ...decided, result: decided.publish };
  const state = afterOutcome(newProber(kind, 'u.c.0'), { kind, spec, outcome: input.probe ?? 'unknown' });
  return { ...decided, result: state.result };
}

readCases<Input, Expected>('probes').forEach(({ name, kind, input, expected }, row) => {
  test(`case ${row} ${kind}: ${name}`, (t) => {
    const thresholds: Probe = {
      successThreshold: input.successThreshold ?? 1,
      failureThreshold: input.failureThreshold ?? 3,
    };
    switch (kind) {
      case 'do-probe': {
        const { keepProbing, result } = turn(input, START_MS);
        t.is(expected.keepProbing, keepProbing);
        t.is(expected.resultSet, result !== null);
        t.is(expected.result ?? null, result === null ? null : wordOf[result]);
        return;
      }
      case 'initial-delay': {
        const results = (input.secondsSinceContainerStart ?? []).map((seconds) => {
          const { result } = turn(input, START_MS + seconds * 1000);
          return result === null ? null : wordOf[result];
        });
        t.deepEqual<unknown, unknown>(results, expected.results);
        return;
      }
      case 'threshold-sequence': {
        let state = newProber(input.probeType, 'u.c.0');
        const results = (input.outcomes ?? []).map((letter) => {
          state = afterOutcome(state, {
            kind: input.probeType,
            spec: thresholds,
            outcome: outcomeOf[letter],
          });
          return letterOf[state.result];
        });
        t.deepEqual<unknown, unknown>(results, expected.results);
        return;
      }
      case 'on-hold': {
        let state = newProber(input.probeType, 'u.c.0');
        const seen = (input.steps ?? []).map(({ probe, newContainerId }): ProberState => {
          if (newContainerId === true) state = newProber(input.probeType, 'u.c.1');
          state = afterOutcome(state, { kind: input.probeType, spec: thresholds, outcome: outcomeOf[probe] });
          return state;
        });
        t.deepEqual<unknown, unknown>(
          seen.map(({ result }) => letterOf[result]),
          expected.results,
        );
        t.deepEqual<unknown, unknown>(
          seen.map(({ onHold }) => onHold),
          expected.onHold,
        );
        return;
      }
      default:
        t.fail(`unknown kind ${kind}`);
    }
  });
});

test('what is published flips only after the threshold, whatever came before', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom('success' as const, 'failure' as const, 'unknown' as const), {
        maxLength: 40,
      }),
      (successThreshold, failureThreshold, outcomes) => {
        const spec = { successThreshold, failureThreshold };
        let state = newProber('readiness', 'u.c.0');
        outcomes.forEach((outcome, at) => {
          const before = state.result;
          state = afterOutcome(state, { kind: 'readiness', spec, outcome });
          if (state.result === before) return;
          const known = outcomes.slice(0, at + 1).filter((one) => one !== 'unknown');
          const needed = state.result === 'success' ? successThreshold : failureThreshold;
          t.true(known.slice(-needed).every((one) => one === state.result) && known.length >= needed);
        });
      },
    ),
  );
});

test('liveness and readiness wait until the startup probe has passed', (t) => {
  const container = { phase: 'running', id: 'u.c.0', startedAtMs: 0, started: false } as const;
  for (const kind of ['liveness', 'readiness'] as const) {
    t.false(probeTurn({ kind, spec: {}, podEnded: false, container, onHold: false, now: 9e9 }).probe);
  }
  t.true(probeTurn({ kind: 'startup', spec: {}, podEnded: false, container, onHold: false, now: 9e9 }).probe);
});
