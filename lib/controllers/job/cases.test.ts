import test, { type ExecutionContext } from 'ava';
import { secondMs } from '../../base/clock.ts';
import type { Pod, PodFailurePolicyRule, SuccessPolicyRule } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import { completionIndexOf, duplicateIndexes } from './completion-index.ts';
import { backOffEndsAt, failureRecord } from './failure-back-off.ts';
import { failureVerdict } from './failure-policy.ts';
import { finishTime } from './finish-time.ts';
import { hasIndex, type IndexSet, indexSet, parseIndexes, union } from './index-set.ts';
import { podNames } from './names.ts';
import { metSuccessRule } from './success-policy.ts';

type IndexedPod = { readonly index: string; readonly phase: string };
type Input = {
  readonly [name: string]: unknown;
  readonly succeededFinishOffsetsMs: readonly number[];
  readonly failedFinishOffsetsMs: readonly number[];
  readonly deletionTimestamp: number;
  readonly deletionGracePeriodSeconds: number;
  readonly failuresAfterLastSuccess: number;
  readonly indexFailureCount: number;
  readonly indexIgnoredFailureCount: number;
  readonly secondsSinceLastFailure: number | null;
  readonly baseSeconds: number;
  readonly maxSeconds: number;
  readonly completedIndexes: string;
  readonly pods: readonly IndexedPod[];
  readonly completions: number;
  readonly intervals: IndexSet;
  readonly index: number;
  readonly rules: readonly (PodFailurePolicyRule & SuccessPolicyRule)[];
  readonly succeededIndexes: IndexSet;
  readonly pod: {
    readonly namespace: string;
    readonly name: string;
    readonly phase: string;
    readonly containerStatuses: readonly { readonly name: string; readonly exitCode: number }[];
    readonly initContainerStatuses: readonly { readonly name: string; readonly exitCode: number }[];
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
};

const NOW = Date.UTC(2026, 0, 5);

function pod(status: Pod['status'], metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'mypod', namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'main-container' }] },
    status,
  };
}

const indexed = ({ index, phase }: IndexedPod): Pod =>
  pod({ phase }, index === '-' ? {} : { annotations: { [podNames.index]: index } });

function remaining(failures: number, { secondsSinceLastFailure, baseSeconds, maxSeconds }: Input): number {
  const lastFailureAtMs = secondsSinceLastFailure === null ? null : NOW - secondsSinceLastFailure * secondMs;
  const bounds = { baseMs: baseSeconds * secondMs, maxMs: maxSeconds * secondMs };
  const endsAt = backOffEndsAt({ failures, lastFailureAtMs }, bounds);
  return endsAt === null ? 0 : (endsAt - NOW) / secondMs;
}

const orNull = (set: IndexSet): IndexSet | null => (set.length === 0 ? null : set);
const described = (of: Pod): IndexedPod => ({
  index: of.metadata.annotations?.[podNames.index] ?? '-',
  phase: of.status?.phase ?? '',
});

const runs: Readonly<Record<string, (input: Input) => object>> = {
  'backoff-record': ({ succeededFinishOffsetsMs, failedFinishOffsetsMs }) => {
    const at = (offsets: readonly number[]): readonly number[] => offsets.map((offset) => NOW + offset);
    const { failures, lastFailureAtMs } = failureRecord({
      succeededAtMs: at(succeededFinishOffsetsMs),
      failedAtMs: at(failedFinishOffsetsMs),
    });
    return {
      failuresAfterLastSuccess: failures,
      lastFailureOffsetMs: lastFailureAtMs === null ? null : lastFailureAtMs - NOW,
    };
  },
  'finish-time': ({ deletionTimestamp, deletionGracePeriodSeconds }) => {
    const container = { name: 'a', image: '', imageID: '', ready: true, restartCount: 0 };
    const running = pod(
      { containerStatuses: [{ ...container, state: { running: {} } }] },
      {
        deletionTimestamp: new Date(NOW + deletionTimestamp * secondMs).toISOString(),
        deletionGracePeriodSeconds,
      },
    );
    return { finishedAt: (finishTime(running) - NOW) / secondMs };
  },
  'backoff-remaining': (input) => ({ remainingSeconds: remaining(input.failuresAfterLastSuccess, input) }),
  'backoff-remaining-per-index': (input) => ({
    remainingSeconds: remaining(input.indexFailureCount + input.indexIgnoredFailureCount + 1, input),
  }),
  'succeeded-indexes': ({ completedIndexes, pods, completions }) => {
    const before = parseIndexes(completedIndexes, completions);
    const now = pods
      .filter(({ phase }) => phase === 'Succeeded')
      .flatMap((one) => completionIndexOf(indexed(one), completions) ?? []);
    return { intervals: union(before, indexSet(now)), statusIntervals: orNull(before) };
  },
  'has-index': ({ intervals, index }) => ({ has: hasIndex(intervals, index) }),
  'duplicate-index-removal': ({ pods, completions }) => {
    const { keep, remove } = duplicateIndexes(pods.map(indexed), completions, NOW);
    return { remove: remove.map(described), keep: keep.map(described) };
  },
  'pod-failure-policy': ({ rules, pod: { namespace, name, ...given } }) => {
    const status = (of: { readonly name: string; readonly exitCode: number }) => ({
      name: of.name,
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: of.exitCode } },
    });
    const verdict = failureVerdict(
      { rules },
      pod(
        {
          phase: given.phase,
          conditions: given.conditions,
          containerStatuses: given.containerStatuses.map(status),
          initContainerStatuses: given.initContainerStatuses.map(status),
        },
        { namespace, name },
      ),
    );
    return { action: verdict.action, countFailed: verdict.counts, jobFailureMessage: verdict.jobFails };
  },
  'success-policy': ({ rules, completions, succeededIndexes }) => {
    const met = metSuccessRule({ rules }, { completions, succeeded: succeededIndexes });
    return { met: met !== null, message: met ?? '' };
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, object>('job').entries()) {
  test(`${at} ${kind}: ${name}`, (t: ExecutionContext) => {
    t.deepEqual(runs[kind]?.(input), expected);
  });
}
