import test from 'ava';
import fc from 'fast-check';
import { hourMs, secondMs, toRfc3339 } from '../../base/clock.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../schema/types.gen.ts';
import { tries } from '../../testing/thoroughness.ts';
import { decideScale } from './decide.ts';
import type { Samples } from './samples.ts';
import type { ScaleTarget } from './scale-target.ts';
import type { ScalingMemory } from './scaling-memory.ts';

const START = Date.UTC(2026, 0, 5);
const SYNC_MS = 15 * secondMs;

function autoscaler(spec: Partial<HorizontalPodAutoscaler['spec']> = {}): HorizontalPodAutoscaler {
  const target = { type: 'Utilization', averageUtilization: 50 };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 20,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      ...spec,
    },
  };
}

function targetOf(replicas: number): ScaleTarget {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  return { object, replicas, statusReplicas: replicas, selects: () => true };
}

function podsOf(count: number): readonly Pod[] {
  const long = toRfc3339(START - hourMs);
  const containers = [{ name: 'web', resources: { requests: { cpu: '100m' } } }];
  return Array.from({ length: count }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${at}` },
    spec: { containers },
    status: {
      phase: 'Running',
      startTime: long,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: long }],
    },
  }));
}

/** What every pod uses, of the 100m it asks for; null: that is not known of it. */
function samplesOf(uses: readonly (number | null)[], now: number): Samples {
  return new Map(
    uses.flatMap((milli, at) =>
      milli === null ? [] : [[`pod-${at}`, { milli, atMs: now, windowMs: secondMs }] as const],
    ),
  );
}

test('property: whatever pods use, sizes stay in bounds, steps keep to the policies, and nothing shrinks within five minutes', (t) => {
  const use = fc.oneof({ weight: 5, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.constant(null) });
  const uneven = fc.array(use, { minLength: 20, maxLength: 20 });
  const even = fc.nat(120).map((milli) => Array.from({ length: 20 }, () => milli));
  // It stays so for up to ten minutes: windows come to their end.
  const phase = fc
    .tuple(fc.oneof(uneven, even), fc.integer({ min: 1, max: 40 }))
    .map(([used, times]) => Array.from({ length: times }, () => used));
  const looks = fc.array(phase, { minLength: 1, maxLength: 6 }).map((phases) => phases.flat());
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), looks, (first, uses) => {
      let replicas = first;
      let memory: ScalingMemory | null = null;
      let now = START;
      let lastHeldMs = START;
      for (const used of uses) {
        const samples = samplesOf(used.slice(0, replicas), now);
        const decision = decideScale(
          {
            autoscaler: autoscaler(),
            target: targetOf(replicas),
            pods: podsOf(replicas),
            read: () => ({ is: 'pods', samples }),
            memory,
          },
          now,
        );
        const [scale] = decision.actions;
        memory = scale?.memory ?? decision.memory;
        const next = scale?.replicas ?? replicas;
        t.is(decision.status.desiredReplicas, next);
        t.true(next >= 2 && next <= 20);
        t.true(next <= Math.max(replicas + 4, replicas * 2));
        t.true(memory.recommendations.length <= 300 / 15 + 1);
        if (next < replicas) t.true(now - lastHeldMs >= 5 * 60 * secondMs, 'a whole window wanted fewer');
        const known = [...samples.values()];
        const mean = known.reduce((sum, { milli }) => sum + milli, 0) / Math.max(1, known.length);
        if (next > replicas) t.true(mean >= 55, 'more only when what is known is above the target');
        // Since when fewer were wanted without a break.
        const wanted = memory.recommendations.at(-1);
        if (wanted?.atMs === now && wanted.replicas >= replicas) lastHeldMs = now;
        replicas = next;
        now += SYNC_MS;
      }
    }),
    { numRuns: tries(100) },
  );
});

const rows = [
  { title: 'no metric at all is a failure that is told', metrics: [], reason: 'InvalidMetricSourceType' },
  {
    title: 'a type nobody knows is one, too',
    metrics: [{ type: 'Weather' }],
    reason: 'InvalidMetricSourceType',
  },
];
for (const { title, metrics, reason } of rows) {
  test(`decide: ${title}`, (t) => {
    const decision = decideScale(
      {
        autoscaler: autoscaler({ metrics }),
        target: targetOf(3),
        pods: podsOf(3),
        read: () => ({ is: 'unavailable', why: 'nobody measures it' }),
        memory: null,
      },
      START,
    );
    t.deepEqual(decision.actions, []);
    const active = decision.status.conditions?.find(({ type }) => type === 'ScalingActive');
    t.like(active, { status: 'False', reason });
    t.is(decision.requeueAtMs, START + SYNC_MS);
  });
}

test('a total that others measure sizes by value and by average', (t) => {
  const decide = (target: object): number => {
    const external = { metric: { name: 'queue' }, target: { type: 'Value', ...target } };
    const decision = decideScale(
      {
        autoscaler: autoscaler({ metrics: [{ type: 'External', external }] }),
        target: targetOf(3),
        pods: podsOf(3),
        read: () => ({ is: 'total', valueMilli: 30_000 }),
        memory: null,
      },
      START,
    );
    return decision.status.desiredReplicas;
  };
  t.is(decide({ value: '15' }), 6, 'twice the value wanted: twice the pods');
  t.is(decide({ averageValue: '6' }), 5, 'six each');
});
