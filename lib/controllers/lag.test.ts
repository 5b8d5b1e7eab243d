import test from 'ava';
import { minuteMs, secondMs } from '../base/clock.ts';
import { isPodActive, isPodReady } from '../schema/pod-conditions.ts';
import type { Deployment, EndpointSlice, Pod, ReplicaSet } from '../schema/types.gen.ts';
import { controlPlane } from '../testing/control-plane.ts';
import { spread } from '../testing/thoroughness.ts';

const POD = { group: '', kind: 'Pod' };
const REPLICA_SET = { group: 'apps', kind: 'ReplicaSet' };
const SLICE = { group: 'discovery.k8s.io', kind: 'EndpointSlice' };
const REPLICAS = 8;
const SURGE = 2;
const UNAVAILABLE = 2;

function web(image: string): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: SURGE, maxUnavailable: UNAVAILABLE } },
      template: {
        metadata: { name: '', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image }] },
      },
    },
  };
}

// Late informers are where a controller doubles what it made: it counts without its own last act. No lag may do that here.
for (const seed of spread([1, 2, 3, 4, 5, 6, 7, 8], 2)) {
  test(`informers up to three seconds late, seed ${seed}: nothing is doubled and the bounds of the roll hold`, async (t) => {
    const plane = await controlPlane({ seed, lagMaxMs: 3 * secondMs });
    for (const kind of [POD, REPLICA_SET, SLICE]) plane.all(kind);
    await plane.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    let most = 0;
    let fewestReady = REPLICAS;
    const names = new Set<string>();
    const watch = async (image: string, rolling: boolean): Promise<void> => {
      await plane.clock.runUntil(
        () => {
          const pods = plane.all<Pod>(POD);
          for (const { metadata } of pods) names.add(metadata.name);
          const active = pods.filter(isPodActive);
          most = Math.max(most, active.length);
          if (rolling) fewestReady = Math.min(fewestReady, active.filter(isPodReady).length);
          const done = active.filter((pod) => pod.spec.containers[0]?.image === image && isPodReady(pod));
          return done.length === REPLICAS && active.length === REPLICAS;
        },
        { withinMs: 5 * minuteMs, what: image },
      );
      await plane.clock.run(minuteMs);
    };
    await plane.apply(web('one'));
    await watch('one', false);
    t.is(names.size, REPLICAS, 'no pod was made that had to go again');
    await plane.apply(web('two'));
    await watch('two', true);
    await plane.apply(web('one'));
    await watch('one', true);
    t.true(most <= REPLICAS + SURGE, `${most} pods at once`);
    t.true(fewestReady >= REPLICAS - UNAVAILABLE, `${fewestReady} pods ready`);
    t.is(names.size, 3 * REPLICAS, 'every version was made once');
    t.is(plane.all(REPLICA_SET).length, 2);
    t.is(plane.all<ReplicaSet>(REPLICA_SET).filter(({ spec }) => spec.replicas === REPLICAS).length, 1);
    t.is(plane.all<EndpointSlice>(SLICE).length, 1);
    await plane.stop();
  });
}

test('a ReplicaSet that was cut before the informer showed it never gets the pods of its former size', async (t) => {
  const plane = await controlPlane({ seed: 21, lagMaxMs: 3 * secondMs });
  plane.all(POD);
  const { selector, template } = web('one').spec;
  const replicaSet = (replicas: number): ReplicaSet => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector, template },
  });
  await plane.apply(replicaSet(REPLICAS));
  await plane.apply(replicaSet(2));
  const names = new Set<string>();
  await plane.clock.runUntil(
    () => {
      for (const { metadata } of plane.all<Pod>(POD)) names.add(metadata.name);
      return plane.all<Pod>(POD).filter(isPodReady).length === 2;
    },
    { withinMs: minuteMs, what: 'two pods' },
  );
  await plane.clock.run(minuteMs);
  t.is(plane.all(POD).length, 2);
  t.is(names.size, 2);
  await plane.stop();
});
