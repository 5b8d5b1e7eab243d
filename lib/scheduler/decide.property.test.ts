import test from 'ava';
import fc from 'fast-check';
import { matchesRequiredAffinity } from '../schema/node-affinity.ts';
import { findUntolerated } from '../schema/taints.ts';
import type { Node, Pod } from '../schema/types.gen.ts';
import { testNode, testPod } from '../testing/scheduled-objects.ts';
import { tries } from '../testing/thoroughness.ts';
import { clusterOf } from './cluster-of.ts';
import { decideOn, decideScheduling, type SchedulingDecision } from './decide.ts';
import { nodeFacts } from './facts/node-facts.ts';
import { podFacts } from './facts/pod-facts.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const APPS = ['web', 'db', 'job'] as const;

const arbitraryNode = (at: number): fc.Arbitrary<Node> =>
  fc
    .record({
      cpu: fc.integer({ min: 1, max: 4 }),
      pods: fc.integer({ min: 1, max: 6 }),
      zone: fc.constantFrom('one', 'two', null),
      tainted: fc.boolean(),
      unschedulable: fc.constantFrom(true, false, false, false),
    })
    .map(({ cpu, pods, zone, tainted, unschedulable }) =>
      testNode(`n${at}`, {
        ...{ cpu: String(cpu), pods: String(pods), unschedulable },
        labels: zone === null ? {} : { [ZONE]: zone },
        taints: tainted ? [{ key: 'gpu', effect: 'NoSchedule' }] : [],
      }),
    );

const arbitraryPod = (name: string): fc.Arbitrary<Pod> =>
  fc
    .record({
      app: fc.constantFrom(...APPS),
      cpu: fc.constantFrom('100m', '500m', '1', '2'),
      priority: fc.integer({ min: 0, max: 3 }),
      tolerates: fc.boolean(),
      inZone: fc.constantFrom(null, null, null, 'one'),
      hostPort: fc.constantFrom(null, null, 80),
      awayBy: fc.constantFrom(null, null, HOST, ZONE),
      nearBy: fc.constantFrom(null, null, null, ZONE),
      spreadBy: fc.constantFrom(null, null, HOST, ZONE),
      created: fc.integer({ min: 1, max: 9 }),
    })
    .map((is) => {
      const labelSelector = { matchLabels: { app: is.app } };
      const near = (topologyKey: string | null) => ({
        requiredDuringSchedulingIgnoredDuringExecution:
          topologyKey === null ? [] : [{ topologyKey, labelSelector }],
      });
      return testPod(name, {
        ...{ cpu: is.cpu, priority: is.priority, labels: { app: is.app } },
        created: `2026-01-0${is.created}T00:00:00Z`,
        ...(is.hostPort !== null && { hostPort: is.hostPort }),
        tolerations: is.tolerates ? [{ key: 'gpu', operator: 'Exists' }] : [],
        nodeSelector: is.inZone === null ? {} : { [ZONE]: is.inZone },
        affinity: { podAffinity: near(is.nearBy), podAntiAffinity: near(is.awayBy) },
        topologySpreadConstraints:
          is.spreadBy === null
            ? []
            : [{ maxSkew: 1, topologyKey: is.spreadBy, whenUnsatisfiable: 'DoNotSchedule', labelSelector }],
      });
    });

const world = fc
  .record({ nodes: fc.integer({ min: 1, max: 6 }), pods: fc.integer({ min: 1, max: 14 }) })
  .chain(({ nodes, pods }) =>
    fc.record({
      nodes: fc.tuple(...Array.from({ length: nodes }, (_, at) => arbitraryNode(at))),
      pods: fc.tuple(...Array.from({ length: pods }, (_, at) => arbitraryPod(`p${at}`))),
      seed: fc.integer(),
    }),
  );

type Placed = { readonly pod: Pod; readonly nodeName: string };

const valueAt = (node: Node, key: string): string | undefined => node.metadata.labels?.[key];
const appOf = (pod: Pod): string => pod.metadata.labels?.app ?? '';
const cpuMillis = (pod: Pod): number => {
  const cpu = String(pod.spec.containers[0]?.resources?.requests?.cpu);
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
};

/** What is wrong with a pod on a node beside those that are placed; worked out the long way, from the meaning of each rule. */
function wrongs(pod: Pod, node: Node, placed: readonly Placed[], nodes: readonly Node[]): readonly string[] {
  const there = placed.filter(({ nodeName }) => nodeName === node.metadata.name).map((each) => each.pod);
  const inDomain = (key: string, value: string | undefined): readonly Pod[] =>
    placed
      .filter(({ nodeName }) => {
        const other = nodes.find(({ metadata }) => metadata.name === nodeName);
        return value !== undefined && other !== undefined && valueAt(other, key) === value;
      })
      .map((each) => each.pod);
  const { affinity, tolerations, topologySpreadConstraints = [] } = pod.spec;
  const found: string[] = [];
  const { cpu = '0', pods = '0' } = node.status?.allocatable ?? {};
  const taken = there.reduce((sum, each) => sum + cpuMillis(each), cpuMillis(pod));
  if (taken > Number(cpu) * 1000) found.push('cpu');
  if (there.length + 1 > Number(pods)) found.push('pods');
  if (node.spec.unschedulable === true) found.push('cordoned');
  if (findUntolerated(tolerations, node.spec.taints) !== undefined) found.push('taint');
  if (!matchesRequiredAffinity(pod, node)) found.push('selector');
  const port = (each: Pod) => each.spec.containers[0]?.ports?.[0]?.hostPort;
  if (port(pod) !== undefined && there.some((each) => port(each) === port(pod))) found.push('port');
  const termsOf = (of: Pod, side: 'podAffinity' | 'podAntiAffinity') =>
    of.spec.affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const { topologyKey } of termsOf(pod, 'podAntiAffinity'))
    if (inDomain(topologyKey, valueAt(node, topologyKey)).some((each) => appOf(each) === appOf(pod)))
      found.push('anti-affinity');
  for (const other of placed) {
    const at = nodes.find(({ metadata }) => metadata.name === other.nodeName);
    for (const { topologyKey, labelSelector } of termsOf(other.pod, 'podAntiAffinity')) {
      const value = valueAt(node, topologyKey);
      const same = at !== undefined && value !== undefined && valueAt(at, topologyKey) === value;
      if (same && labelSelector?.matchLabels?.app === appOf(pod)) found.push('unwanted');
    }
  }
  for (const { topologyKey } of affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const value = valueAt(node, topologyKey);
    const isFirst = !placed.some((each) => {
      const at = nodes.find(({ metadata }) => metadata.name === each.nodeName);
      return at !== undefined && valueAt(at, topologyKey) !== undefined && appOf(each.pod) === appOf(pod);
    });
    const isThere = inDomain(topologyKey, value).some((each) => appOf(each) === appOf(pod));
    if (value === undefined || !(isThere || isFirst)) found.push('affinity');
  }
  for (const { topologyKey, maxSkew } of topologySpreadConstraints) {
    const value = valueAt(node, topologyKey);
    const eligible = nodes.filter(
      (each) => valueAt(each, topologyKey) !== undefined && matchesRequiredAffinity(pod, each),
    );
    const counts = new Map<string | undefined, number>();
    for (const each of eligible) counts.set(valueAt(each, topologyKey), 0);
    for (const each of placed) {
      const at = eligible.find(({ metadata }) => metadata.name === each.nodeName);
      if (at === undefined || appOf(each.pod) !== appOf(pod)) continue;
      const domain = valueAt(at, topologyKey);
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
    if (value === undefined || (counts.get(value) ?? 0) + 1 - Math.min(...counts.values()) > maxSkew)
      found.push('skew');
  }
  return found;
}

const inOrder = (pods: readonly Pod[]): readonly Pod[] =>
  pods.toSorted(
    (a, b) =>
      (b.spec.priority ?? 0) - (a.spec.priority ?? 0) ||
      ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 0) ||
      ((a.metadata.creationTimestamp ?? '') > (b.metadata.creationTimestamp ?? '') ? 1 : 0) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );

test('properties: no binding breaks a rule, and no pod is left out that a node could take', (t) => {
  fc.assert(
    fc.property(world, ({ nodes, pods }) => {
      // Nobody makes room for anybody: what is left out is left out for good.
      const peers = pods.map((pod) => ({ ...pod, spec: { ...pod.spec, priority: 0 } }));
      const { bindings } = decideScheduling({ nodes, assigned: [], pending: peers });
      const chosen = new Map(bindings.map(({ pod, nodeName }) => [pod.metadata.name, nodeName]));
      const placed: Placed[] = [];
      for (const pod of inOrder(peers)) {
        const nodeName = chosen.get(pod.metadata.name);
        const able = nodes.filter((node) => wrongs(pod, node, placed, nodes).length === 0);
        const names = able.map(({ metadata }) => metadata.name);
        if (nodeName === undefined ? names.length > 0 : !names.includes(nodeName)) return false;
        if (nodeName !== undefined) placed.push({ pod, nodeName });
      }
      return true;
    }),
    { numRuns: tries(500) },
  );
  t.pass();
});

test('properties: a preemption never evicts equal or higher priority, and makes room enough', (t) => {
  let preemptions = 0;
  fc.assert(
    fc.property(world, ({ nodes, pods }) => {
      const at = Math.ceil(pods.length / 2);
      const first = decideScheduling({ nodes, assigned: [], pending: pods.slice(0, at) });
      for (const pod of pods.slice(at)) {
        const before: readonly Placed[] = first.bindings;
        const { unschedulable } = decideScheduling({ nodes, assigned: before, pending: [pod] });
        const preemption = unschedulable[0]?.preemption ?? null;
        if (preemption === null) continue;
        preemptions += 1;
        const { nodeName, victims } = preemption;
        if (victims.length === 0) return false;
        if (victims.some(({ spec }) => (spec.priority ?? 0) >= (pod.spec.priority ?? 0))) return false;
        if (
          victims.some((victim) => !before.some((each) => each.pod === victim && each.nodeName === nodeName))
        )
          return false;
        const left = before.filter((each) => !victims.includes(each.pod));
        const node = nodes.find(({ metadata }) => metadata.name === nodeName);
        if (node === undefined || wrongs(pod, node, left, nodes).length > 0) return false;
        // None of them goes for nothing.
        for (const victim of victims)
          if (wrongs(pod, node, [...left, { pod: victim, nodeName }], nodes).length === 0) return false;
      }
      return true;
    }),
    { numRuns: tries(300) },
  );
  t.true(preemptions > 10);
});

const told = ({ bindings, unschedulable }: SchedulingDecision): readonly string[] => [
  ...bindings.map(({ pod, nodeName }) => `${pod.metadata.name} ${nodeName}`),
  ...unschedulable.map(({ pod, message }) => `${pod.metadata.name} ${message}`),
];

test('properties: the order of the lists does not matter', (t) => {
  fc.assert(
    fc.property(world, ({ nodes, pods, seed }) => {
      const turned = <T>(list: readonly T[]): readonly T[] => {
        const by = Math.abs(seed) % list.length;
        return [...list.slice(by), ...list.slice(0, by)].reverse();
      };
      const one = decideScheduling({ nodes, assigned: [], pending: pods });
      const other = decideScheduling({ nodes: turned(nodes), assigned: [], pending: turned(pods) });
      t.deepEqual(told(one), told(other));
    }),
    { numRuns: tries(100) },
  );
});

test('properties: a cluster that was kept through all that came and went decides like one made anew', (t) => {
  const step = fc.record({
    pod: fc.nat(),
    node: fc.nat(),
    does: fc.constantFrom('place', 'remove', 'node', 'decide'),
  });
  fc.assert(
    fc.property(world, fc.array(step, { maxLength: 25 }), ({ nodes, pods }, steps) => {
      const kept = clusterOf({ nodes, assigned: [] });
      const placed = new Map<Pod, string>();
      for (const { does, ...at } of steps) {
        const pod = pods[at.pod % pods.length];
        const node = nodes[at.node % nodes.length];
        if (pod === undefined || node === undefined) continue;
        if (does === 'place') {
          kept.place(podFacts(pod), node.metadata.name);
          placed.set(pod, node.metadata.name);
        } else if (does === 'remove') {
          kept.remove(podFacts(pod).uid);
          placed.delete(pod);
        } else if (does === 'node') {
          // It goes and comes again, its pods on it.
          kept.removeNode(node.metadata.name);
          kept.setNode(nodeFacts(node));
        } else if (!placed.has(pod)) {
          // Counters are made on the way, and have to stay true.
          const now = decideOn(kept, { pending: [pod], budgets: [], start: { at: 0 } });
          for (const each of now.bindings) placed.set(each.pod, each.nodeName);
          for (const each of now.unschedulable) kept.nominate(podFacts(each.pod), null);
        }
      }
      const pending = pods.filter((pod) => !placed.has(pod));
      const assigned = [...placed].map(([pod, nodeName]) => ({ pod, nodeName }));
      t.deepEqual(
        told(decideOn(kept, { pending, budgets: [], start: { at: 0 } })),
        told(decideScheduling({ nodes, assigned, pending })),
      );
    }),
    { numRuns: tries(300) },
  );
});
