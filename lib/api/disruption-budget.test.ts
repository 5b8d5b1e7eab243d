import test from 'ava';
import type { Pod } from '../schema/types.gen.ts';
import { disruptionTally, type PodDisruptionBudget, sparesPod, type Workload } from './disruption-budget.ts';

const workload = (kind: string, name: string, replicas: number, owner?: string): Workload => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, uid: name, ...(owner !== undefined && { ownerReferences: [ownedBy(owner)] }) },
  spec: { replicas },
});
const ownedBy = (uid: string) => ({ apiVersion: 'apps/v1', kind: 'X', name: uid, uid, controller: true });

const pod = (name: string, owner: string | null, ready = true): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...(owner !== null && { ownerReferences: [ownedBy(owner)] }) },
  spec: { containers: [] },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

const budgetOf = (spec: NonNullable<PodDisruptionBudget['spec']>): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec,
});

const web = [
  workload('Deployment', 'web', 10),
  workload('ReplicaSet', 'web-1', 7, 'web'),
  workload('ReplicaSet', 'web-2', 3, 'web'),
];
const eight = [
  ...Array.from({ length: 5 }, (_, index) => pod(`old-${index}`, 'web-1')),
  ...Array.from({ length: 3 }, (_, index) => pod(`new-${index}`, 'web-2')),
];

for (const { title, spec, pods, workloads, tally } of [
  {
    title: 'maxUnavailable counts from what the Deployment wants, once for all its ReplicaSets',
    spec: { maxUnavailable: 3 },
    pods: eight,
    workloads: web,
    tally: [10, 8, 7, 1],
  },
  {
    title: 'a percentage that must be available counts from it too',
    spec: { minAvailable: '75%' },
    pods: eight,
    workloads: web,
    tally: [10, 8, 8, 0],
  },
  {
    title: 'a number that must be available counts from the pods there are',
    spec: { minAvailable: 7 },
    pods: eight,
    workloads: web,
    tally: [8, 8, 7, 1],
  },
  {
    title: 'two controllers are counted together',
    spec: { maxUnavailable: 1 },
    pods: [pod('a', 'web-1'), pod('db-0', 'db')],
    workloads: [...web, workload('StatefulSet', 'db', 3)],
    tally: [13, 2, 12, 0],
  },
  {
    title: 'pods that belong to nothing, or to what is gone, are not counted',
    spec: { maxUnavailable: 1 },
    pods: [pod('a', null), pod('b', 'gone')],
    workloads: web,
    tally: [0, 2, 0, 0],
  },
])
  test(title, (t) => {
    const [expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed] = tally;
    t.like(disruptionTally(budgetOf(spec), pods, workloads), {
      expectedPods,
      currentHealthy,
      desiredHealthy,
      disruptionsAllowed,
    });
  });

const unhealthy = pod('sick', 'web-1', false);
const spent = { expectedPods: 3, currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0 };
for (const { title, budget, tally, of, spared } of [
  {
    title: 'a healthy pod waits for a disruption',
    budget: {},
    tally: spent,
    of: pod('a', null),
    spared: false,
  },
  {
    title: 'an unhealthy one goes where the budget is met',
    budget: {},
    tally: spent,
    of: unhealthy,
    spared: true,
  },
  {
    title: 'an unhealthy one waits where it is not',
    budget: {},
    tally: { ...spent, currentHealthy: 1 },
    of: unhealthy,
    spared: false,
  },
  {
    title: 'an unhealthy one goes all the same under AlwaysAllow',
    budget: { unhealthyPodEvictionPolicy: 'AlwaysAllow' as const },
    tally: { ...spent, currentHealthy: 1 },
    of: unhealthy,
    spared: true,
  },
])
  test(title, (t) => t.is(sparesPod(budgetOf(budget), tally, of), spared));
