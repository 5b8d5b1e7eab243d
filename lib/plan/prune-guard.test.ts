import test from 'ava';
import { type ObjectRef, refKey } from '../schema/object.ts';
import { PlanBench } from '../testing/plan-bench.ts';
import { guardPrunes, type PruneGuardInput } from './prune-guard.ts';

const ref = (name: string, kind = 'ConfigMap'): ObjectRef => ({
  group: '',
  kind,
  namespace: kind === 'Namespace' ? '' : 'shop',
  name,
});
const refs = (count: number): readonly ObjectRef[] => Array.from({ length: count }, (_, at) => ref(`c${at}`));

function guarded(over: Partial<PruneGuardInput>) {
  const { allowed, holds } = guardPrunes({
    prunes: refs(2),
    ...{
      inventoryCount: 10,
      desiredCount: 5,
      unparsedFiles: [],
      unmanagedIn: () => [],
      approvals: new Set(),
      passed: new Set(),
    },
    ...over,
  });
  return {
    allowed: allowed.length,
    holds: holds.map(({ reason }) => reason),
    ids: holds.map(({ id }) => id),
  };
}

const cases: readonly {
  title: string;
  over: Partial<PruneGuardInput>;
  allowed: number;
  holds: readonly string[];
}[] = [
  { title: 'a few of many go', over: {}, allowed: 2, holds: [] },
  {
    title: 'nothing to prune is nothing to ask',
    over: { prunes: [], desiredCount: 0 },
    allowed: 0,
    holds: [],
  },
  {
    title: 'five may be most of a source',
    over: { prunes: refs(5), inventoryCount: 6 },
    allowed: 5,
    holds: [],
  },
  { title: 'six of twelve are half', over: { prunes: refs(6), inventoryCount: 12 }, allowed: 6, holds: [] },
  {
    title: 'six of eleven wait',
    over: { prunes: refs(6), inventoryCount: 11 },
    allowed: 0,
    holds: ['most-of-source'],
  },
  {
    title: 'the last one waits',
    over: { prunes: refs(1), inventoryCount: 1, desiredCount: 0 },
    allowed: 0,
    holds: ['source-emptied'],
  },
  {
    title: 'a file that does not parse holds all, approved or not',
    over: { unparsedFiles: ['a.yaml'], passed: new Set(refs(2).map(refKey)) },
    allowed: 0,
    holds: ['file-unparsed'],
  },
  {
    title: 'a namespace with strangers waits alone',
    over: { prunes: [ref('a'), ref('shop', 'Namespace')], unmanagedIn: () => [ref('mine', 'Secret')] },
    allowed: 1,
    holds: ['namespace-not-empty'],
  },
  {
    title: 'what was let go before is not asked about again, nor counted',
    over: { prunes: refs(8), inventoryCount: 11, passed: new Set(refs(6).map(refKey)) },
    allowed: 8,
    holds: [],
  },
  {
    title: 'what comes to it is asked about alone',
    over: { prunes: refs(10), inventoryCount: 11, passed: new Set(refs(4).map(refKey)) },
    allowed: 4,
    holds: ['most-of-source'],
  },
];
for (const { title, over, allowed, holds } of cases) {
  test(title, (t) => t.like(guarded(over), { allowed, holds }));
}

test('an approval lets go what it names, and nothing else', (t) => {
  const most = { prunes: refs(6), inventoryCount: 11 };
  const [id = ''] = guarded(most).ids;
  t.is(guarded({ ...most, approvals: new Set([id]) }).allowed, 6);
  t.is(guarded({ ...most, prunes: refs(7), approvals: new Set([id]) }).allowed, 0);
  t.deepEqual(guarded({ ...most, prunes: [...refs(6)].reverse() }).ids, [id], 'whatever the order');
});

test('ConfigMaps that were approved and then wait for a rollout go after it without being asked about again', (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const configMaps = Object.fromEntries(
    names.map((name) => [`${name}.yaml`, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`]),
  );
  const web = (image: string, reads: readonly string[]): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", envFrom: [${reads.map((name) => `{configMapRef: {name: ${name}}}`).join(', ')}]}]}
`;
  const bench = new PlanBench();
  bench.commit({ ...configMaps, 'web.yaml': web('1', names) });
  bench.rollOut();
  bench.markGood();
  const after = { 'web.yaml': web('2', []) };
  const [asked] = bench.plan(after).plan.pruneHolds;
  t.is(asked?.reason, 'most-of-source');
  const { plan } = bench.commit(after, { approvals: new Set([asked?.id ?? '']) });
  t.deepEqual(
    plan.pruneHolds.map(({ reason }) => reason),
    ['after-rollout'],
  );
  const waiting = plan.pruneHolds.flatMap((hold) => hold.refs.map(refKey));
  t.is(waiting.length, names.length);
  const passedGuard = new Set(waiting);
  t.deepEqual(bench.plan(after, { passedGuard }).plan.changes, [], 'the rollout is under way');
  bench.rollOut();
  t.is(bench.plan(after, { passedGuard }).plan.changes.length, names.length);
});
