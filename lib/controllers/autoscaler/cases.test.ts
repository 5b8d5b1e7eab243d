import test from 'ava';
import { minuteMs, secondMs, toRfc3339 } from '../../base/clock.ts';
import type { Container, HPAScalingRules, Pod } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import { combine } from './combine.ts';
import { groupPods } from './pod-groups.ts';
import { proposalOf, type Scene } from './proposal.ts';
import { limited } from './rate-limit.ts';
import { replicasByPods } from './replicas-by-pods.ts';
import { replicasByAverage, replicasByValue } from './replicas-by-total.ts';
import type { Sample, Samples } from './samples.ts';
import { changeWithin, freshMemory, withRecommendation, withScaling } from './scaling-memory.ts';
import { type Behavior, behaviorOf, usualBehavior } from './scaling-rules.ts';
import { stabilised } from './stabilise.ts';
import { usualTolerance } from './tolerance.ts';

type CasePod = {
  readonly name: string;
  readonly phase: string;
  readonly terminating?: boolean;
  readonly ready?: boolean;
  readonly startedSecondsAgo: number;
  readonly readyLastTransitionSecondsAgo?: number;
  readonly readyCondition?: { readonly status: string; readonly lastTransitionSecondsAgo: number } | null;
  readonly requestMilli?: readonly number[];
  readonly usageMilli?: readonly number[] | null;
};
type CaseEvent = { readonly replicaChange: number; readonly secondsAgo: number };
type Input = {
  readonly [name: string]: unknown;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly targetUtilizationPercent: number;
  readonly pods: readonly CasePod[];
  readonly metrics: Readonly<
    Record<string, { readonly timestampSecondsAgo: number | null; readonly windowSeconds: number | null }>
  >;
  readonly resource: string;
  readonly metricMilli: readonly number[];
  readonly targetMilli: number;
  readonly ready?: readonly boolean[];
  readonly scaleUp: 'default' | HPAScalingRules;
  readonly scaleDown: 'default' | HPAScalingRules;
  readonly scaleUpEvents: readonly CaseEvent[];
  readonly scaleDownEvents: readonly CaseEvent[];
  readonly windowSeconds: number;
  readonly scaleUpWindowSeconds: number;
  readonly scaleDownWindowSeconds: number;
  readonly desired: number;
  readonly recommendations: readonly { readonly replicas: number; readonly secondsAgo: number }[];
  readonly replicaChange: number;
  readonly events: readonly CaseEvent[];
  readonly periodSeconds: number;
  readonly specReplicas: number;
  readonly cpuTarget: number;
  readonly cpuUsageMilli: readonly number[];
};

const NOW = Date.UTC(2026, 0, 5);
/** Upstream's tables use these and not what a cluster does. */
const periods = { cpuInitializationMs: 2 * minuteMs, initialReadinessMs: 10 * secondMs };
const ago = (seconds: number): string => toRfc3339(NOW - seconds * secondMs);

function podOf(of: CasePod): Pod {
  const ready = of.readyCondition ?? {
    status: of.ready === true ? 'True' : 'False',
    lastTransitionSecondsAgo: of.readyLastTransitionSecondsAgo ?? 0,
  };
  const condition = {
    type: 'Ready',
    status: ready.status,
    lastTransitionTime: ago(ready.lastTransitionSecondsAgo),
  };
  const containers = (of.requestMilli ?? []).map(
    (milli, at): Container => ({ name: `c${at}`, resources: { requests: { cpu: `${milli}m` } } }),
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: of.name, ...(of.terminating === true && { deletionTimestamp: ago(0) }) },
    spec: { containers },
    status: {
      phase: of.phase,
      startTime: ago(of.startedSecondsAgo),
      ...(of.readyCondition !== null && { conditions: [condition] }),
    },
  };
}

const sample = (milli: number): Sample => ({ milli, atMs: NOW, windowMs: minuteMs });
const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0);

function scene(pods: readonly Pod[], currentReplicas: number): Scene {
  return {
    pods,
    currentReplicas,
    statusReplicas: currentReplicas,
    tolerance: usualTolerance,
    now: NOW,
    periods,
  };
}

function cpuMetric(averageUtilization: number) {
  return {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
  };
}

const events = (of: readonly CaseEvent[]) =>
  of.map(({ replicaChange, secondsAgo }) => ({ change: replicaChange, atMs: NOW - secondsAgo * secondMs }));

function behavior(of: Pick<Input, 'scaleUp' | 'scaleDown'>): Behavior {
  return behaviorOf({
    maxReplicas: 1,
    scaleTargetRef: { kind: '', name: '' },
    behavior: {
      ...(of.scaleUp !== 'default' && { scaleUp: of.scaleUp }),
      ...(of.scaleDown !== 'default' && { scaleDown: of.scaleDown }),
    },
  });
}

function stabilise(input: Input, windows: { readonly up: number; readonly down: number }): object {
  const rules: Behavior = {
    up: { ...usualBehavior.up, windowSeconds: windows.up },
    down: { ...usualBehavior.down, windowSeconds: windows.down },
  };
  const recommendations = input.recommendations.map(({ replicas, secondsAgo }) => ({
    replicas,
    atMs: NOW - secondsAgo * secondMs,
  }));
  const { desired, currentReplicas = Number.MAX_SAFE_INTEGER } = input;
  return { replicas: stabilised({ desired, currentReplicas, recommendations }, rules, NOW) };
}

const readyCount = (input: Input): number =>
  input.ready === undefined ? input.currentReplicas : input.ready.filter(Boolean).length;

/**
 * Not compared: `logLength` and `recommendationLog`, how upstream reuses the places of a list in memory. Here what no window
 * reaches back to is dropped; see the test of the memory below.
 */
const runs: Readonly<Record<string, (input: Input) => object>> = {
  resource(input) {
    const samples: Samples = new Map(
      input.pods.flatMap(({ name, usageMilli }) =>
        usageMilli === null || usageMilli === undefined ? [] : [[name, sample(sum(usageMilli))] as const],
      ),
    );
    const metric = cpuMetric(input.targetUtilizationPercent);
    const result = proposalOf(
      metric,
      { is: 'pods', samples },
      scene(input.pods.map(podOf), input.currentReplicas),
    );
    if (!result.ok) return result;
    const { averageUtilization, averageValue } = result.status.resource?.current ?? {};
    return {
      replicas: result.replicas,
      utilizationPercent: averageUtilization,
      rawAverageMilli: String(averageValue).endsWith('m')
        ? Number.parseInt(String(averageValue), 10)
        : Number(averageValue) * 1000,
    };
  },
  'pods-metric'({ metricMilli, targetMilli, currentReplicas }) {
    const names = metricMilli.map((_, at) => `pod-${at}`);
    const result = replicasByPods(
      { by: 'average', targetMilli },
      {
        amounts: new Map(metricMilli.map((milli, at) => [`pod-${at}`, milli])),
        groups: { ready: names, unready: [], missing: [] },
        currentReplicas,
        tolerance: usualTolerance,
      },
    );
    return { replicas: result?.replicas, metricMilli: result?.averageMilli };
  },
  object: byValue,
  external: byValue,
  'external-per-pod'({ metricMilli, targetMilli, currentReplicas }) {
    const valueMilli = sum(metricMilli);
    const how = { valueMilli, targetMilli, statusReplicas: currentReplicas, tolerance: usualTolerance };
    const { replicas, averageMilli } = replicasByAverage(how);
    return { replicas, metricMilli: averageMilli };
  },
  'group-pods'({ pods, metrics, resource }) {
    const samples = new Map(
      Object.entries(metrics).map(([name, { timestampSecondsAgo, windowSeconds }]) => [
        name,
        {
          milli: 1,
          atMs: timestampSecondsAgo === null ? 0 : NOW - timestampSecondsAgo * secondMs,
          windowMs: (windowSeconds ?? 0) * secondMs,
        },
      ]),
    );
    const groups = groupPods(pods.map(podOf), samples, { resource, now: NOW, periods });
    return { readyPodCount: groups.ready.length, ignored: groups.unready, missing: groups.missing };
  },
  behavior(input) {
    const { desiredReplicas: desired, currentReplicas, minReplicas, maxReplicas } = input;
    const { replicas, reason } = limited(
      { desired, currentReplicas, minReplicas, maxReplicas },
      { ups: events(input.scaleUpEvents), downs: events(input.scaleDownEvents) },
      { behavior: behavior(input), now: NOW },
    );
    return { replicas, scalingLimitedReason: reason };
  },
  'stabilize-legacy': (input) => stabilise(input, { up: 0, down: input.windowSeconds }),
  'stabilize-behavior': (input) =>
    stabilise(input, { up: input.scaleUpWindowSeconds, down: input.scaleDownWindowSeconds }),
  'scale-events'(input) {
    const none = { ...usualBehavior.up, policies: [] };
    const memory = { recommendations: [], ups: events(input.events), downs: [] };
    const at = { behavior: { up: none, down: none }, now: NOW };
    const after = withScaling(memory, { before: 0, after: input.replicaChange }, at);
    const later = withScaling(after, { before: 0, after: 0 }, { ...at, now: NOW + 1 });
    return {
      replicaChangeInPeriod: changeWithin(memory.ups, input.periodSeconds * secondMs, NOW),
      // Without rules nothing is remembered any longer than the moment.
      events: later.ups,
    };
  },
  'multi-metric'({ specReplicas, cpuTarget, cpuUsageMilli }) {
    const pods = cpuUsageMilli.map((_, at) =>
      podOf({
        name: `pod-${at}`,
        phase: 'Running',
        ready: true,
        startedSecondsAgo: 3600,
        readyLastTransitionSecondsAgo: 3600,
        requestMilli: [1000],
      }),
    );
    const samples = new Map(cpuUsageMilli.map((milli, at) => [`pod-${at}`, sample(milli)]));
    const at = scene(pods, specReplicas);
    const cpu = proposalOf(cpuMetric(cpuTarget), { is: 'pods', samples }, at);
    const other = proposalOf(cpuMetric(cpuTarget), { is: 'unavailable', why: 'it is down' }, at);
    const combined = combine([other, cpu], specReplicas);
    return { replicas: combined.ok ? combined.replicas : null };
  },
};

function byValue(input: Input): object {
  const { metricMilli, targetMilli, currentReplicas } = input;
  const valueMilli = sum(metricMilli);
  const readyPods = readyCount(input);
  const replicas = replicasByValue({
    valueMilli,
    targetMilli,
    currentReplicas,
    readyPods,
    tolerance: usualTolerance,
  });
  return { replicas, metricMilli: valueMilli };
}

for (const [at, { kind = '', name, input, expected }] of readCases<Input, object>('hpa').entries()) {
  test(`${at} ${kind}: ${name}`, (t) => {
    const {
      logLength: _length,
      recommendationLog: _log,
      ...compared
    } = { ...expected } as Record<string, unknown>;
    t.deepEqual(runs[kind]?.(input), compared);
  });
}

test('the memory forgets what no window and no policy looks back to', (t) => {
  const at = { behavior: usualBehavior, now: NOW };
  const before = freshMemory(3, NOW - 301 * secondMs);
  t.deepEqual(withRecommendation(before, 5, at).recommendations, [{ replicas: 5, atMs: NOW }]);
  const scaled = withScaling(before, { before: 3, after: 5 }, { ...at, now: NOW - 16 * secondMs });
  t.is(scaled.ups.length, 1);
  t.deepEqual(withScaling(scaled, { before: 5, after: 4 }, at).ups, []);
});
