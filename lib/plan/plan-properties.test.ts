import test from 'ava';
import fc from 'fast-check';
import { deepEqual, isObject, type JsonValue } from '../base/json.ts';
import { type KubeObject, refKey, refOf } from '../schema/object.ts';
import { actionsOf, manifestSet, PlanBench } from '../testing/plan-bench.ts';
import { tries } from '../testing/thoroughness.ts';
import { normalise } from './normalise.ts';

/** A small world in which everything can be tied to everything: a version of each object, or none. */
const names = ['a', 'b', 'c'] as const;
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: "${value}"${value === 'two' ? ', more: x' : ''}}\n`;
const deployment = (name: string, reads: string, image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers: [{name: main, image: "${image}", envFrom: [{configMapRef: {name: ${reads}}}]}]
`;
const service = (name: string, selects: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${selects}}, ports: [{port: 80}]}\n`;
const autoscaler = (name: string): string =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: ${name}}\nspec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}}\n`;
const invalid = (name: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {replicas: many}\n`;

const name = fc.constantFrom(...names);
const sound = fc.oneof(
  fc
    .record({ name, value: fc.constantFrom('one', 'two', 'three') })
    .map((of) => configMap(of.name, of.value)),
  fc
    .record({ name, reads: name, image: fc.constantFrom('v1', 'v2') })
    .map((of) => deployment(of.name, of.reads, of.image)),
  fc.record({ name, selects: name }).map((of) => service(of.name, of.selects)),
  name.map(autoscaler),
);
const anything = fc.oneof({ arbitrary: sound, weight: 9 }, { arbitrary: name.map(invalid), weight: 1 });
const broken = 'kind: [';
const tree = (file: fc.Arbitrary<string>) =>
  fc
    .array(file, { maxLength: 6 })
    .map((files) => Object.fromEntries(files.map((text, at) => [`${at}.yaml`, text])));
const soundTree = tree(sound);
const anyTree = tree(
  fc.oneof({ arbitrary: anything, weight: 20 }, { arbitrary: fc.constant(broken), weight: 1 }),
);

/** What happens to live between commits: something drifts, something is deleted, a stranger comes. */
type Meddling = { readonly at: number; readonly how: 'drift' | 'delete' | 'stranger' };
const meddling: fc.Arbitrary<Meddling> = fc.record({
  at: fc.nat(20),
  how: fc.constantFrom('drift' as const, 'delete' as const, 'stranger' as const),
});
const history = (trees: fc.Arbitrary<Record<string, string>>) =>
  fc.array(fc.record({ files: trees, meddlings: fc.array(meddling, { maxLength: 2 }), good: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  });

function meddle(bench: PlanBench, { at, how }: Meddling): void {
  const live = [...bench.live.keys()];
  if (how === 'stranger') {
    bench.put({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `stranger-${at}`, namespace: 'default' },
    });
    return;
  }
  const key = live[at % Math.max(1, live.length)];
  if (key === undefined) return;
  const object = bench.object(key);
  if (how === 'delete') bench.live.delete(key);
  else if (isObject(object.data)) bench.put({ ...object, data: { ...object.data, key: 'drifted' } });
  else if (isObject(object.spec) && object.kind === 'Deployment')
    bench.put({ ...object, spec: { ...object.spec, replicas: 9 } });
}

type Step = {
  readonly files: Record<string, string>;
  readonly meddlings: readonly Meddling[];
  readonly good: boolean;
};

/** Lives through a history; `look` sees each commit before it is applied. Every prune is approved. */
function live(
  steps: readonly Step[],
  look: (bench: PlanBench, files: Step['files']) => void = () => {},
): PlanBench {
  const bench = new PlanBench();
  for (const { files, meddlings, good } of steps) {
    look(bench, files);
    settle(bench, files);
    if (good) bench.markGood();
    for (const each of meddlings) meddle(bench, each);
  }
  return bench;
}

/** Commits a tree until nothing more changes: what is replaced comes back, an autoscaler that goes lets replicas go. */
function settle(bench: PlanBench, files: Step['files']): void {
  for (let round = 0; round < 4; round += 1) {
    const approvals = new Set(bench.plan(files).plan.pruneHolds.map(({ id }) => id));
    const { plan } = bench.commit(files, { approvals });
    bench.rollOut();
    if (plan.changes.length + plan.rows.length + plan.droppedRows.length === 0) return;
  }
}

/** Whether all that git sets is so live; lists of objects are compared by what names their items, as they merge. */
function says(git: JsonValue | undefined, there: JsonValue | undefined): boolean {
  if (isObject(git))
    return isObject(there) && Object.entries(git).every(([key, value]) => says(value, there[key]));
  if (Array.isArray(git)) return Array.isArray(there) && git.every((item, at) => says(item, there[at]));
  return deepEqual(git, there);
}

const settings = { numRuns: tries(40) };

test('after a sound commit another plan changes nothing, and live says all that git sets', (t) => {
  fc.assert(
    fc.property(history(soundTree), soundTree, (steps, files) => {
      const bench = live(steps);
      settle(bench, files);
      const { plan } = bench.plan(files);
      t.deepEqual(actionsOf({ ...bench.plan(files) }), []);
      t.deepEqual([plan.blocked, plan.pruneHolds, plan.rows, plan.droppedRows], [[], [], [], []]);
      const { objects } = manifestSet(files);
      const scaled = new Set(
        objects.flatMap(({ object }) =>
          object.kind === 'HorizontalPodAutoscaler' ? [object.metadata.name] : [],
        ),
      );
      for (const { ref, object } of objects) {
        const wanted: KubeObject = normalise(object);
        const autoscaled = ref.kind === 'Deployment' && scaled.has(ref.name);
        const { replicas: _, ...spec } = isObject(wanted.spec) ? wanted.spec : {};
        const set = autoscaled ? { ...wanted, spec } : wanted;
        t.true(says(set as JsonValue, bench.object(refKey(ref)) as JsonValue), refKey(ref));
      }
      const named = new Set(objects.map(({ ref }) => refKey(ref)));
      t.deepEqual([...bench.inventory.keys()].sort(), [...named].sort(), 'the inventory is what git names');
    }),
    settings,
  );
  t.pass();
});

test('nothing that git never named is ever changed or deleted', (t) => {
  fc.assert(
    fc.property(history(anyTree), (steps) => {
      const named = new Set<string>();
      const bench = live(steps, (_, files) => {
        for (const { ref } of manifestSet(files).objects) named.add(refKey(ref));
      });
      const strangers = steps.flatMap(({ meddlings }) =>
        meddlings.flatMap(({ at, how }) => (how === 'stranger' ? [`/Secret/default/stranger-${at}`] : [])),
      );
      for (const key of strangers) if (!named.has(key)) t.true(bench.live.has(key) || wasDeleted(steps), key);
      for (const key of bench.inventory.keys()) t.true(named.has(key));
    }),
    settings,
  );
  t.pass();
});

/** A meddler may have deleted the stranger. */
function wasDeleted(steps: readonly Step[]): boolean {
  return steps.some(({ meddlings }) => meddlings.some(({ how }) => how === 'delete'));
}

test('while a file cannot be parsed nothing is pruned, and no row is forgotten', (t) => {
  fc.assert(
    fc.property(history(anyTree), soundTree, (steps, files) => {
      const bench = live(steps);
      const { plan } = bench.plan({ ...files, 'broken.yaml': broken });
      const deletes = plan.changes.filter(({ action }) => action === 'prune');
      t.deepEqual([deletes, plan.droppedRows], [[], []]);
    }),
    settings,
  );
  t.pass();
});

test('a plan never changes what it says is blocked, plans nothing twice, and is in apply order', (t) => {
  fc.assert(
    fc.property(history(anyTree), (steps) => {
      live(steps, (bench, files) => {
        const { plan } = bench.plan(files);
        const blocked = new Set(
          plan.blocked.filter(({ reason }) => reason !== 'held-after-failure').map(({ ref }) => refKey(ref)),
        );
        const changed = plan.changes.map(({ ref }) => refKey(ref));
        t.deepEqual(
          changed.filter((key) => blocked.has(key)),
          [],
        );
        t.is(new Set(changed).size, changed.length);
        const waiting = new Set(plan.pruneHolds.flatMap(({ refs }) => refs.map(refKey)));
        t.deepEqual(
          changed.filter((key) => waiting.has(key)),
          [],
        );
        for (const { ref } of plan.rows) t.false(blocked.has(refKey(ref)));
        t.true(plan.unchangedCount <= plan.desiredCount);
      });
    }),
    settings,
  );
  t.pass();
});

test('the same input gives the same plan, and what a plan remembers does not change the next', (t) => {
  fc.assert(
    fc.property(history(anyTree), anyTree, meddling, (steps, files, more) => {
      const bench = live(steps);
      settle(bench, files);
      const desired = manifestSet(files);
      const inventory = new Map(bench.inventory);
      const first = bench.plan(files, { desired, inventory });
      t.deepEqual(bench.plan(files).plan.changes, first.plan.changes);
      meddle(bench, more);
      const fresh = bench.plan(files, { desired, inventory });
      const remembering = bench.plan(files, { desired, inventory, memory: first.memory });
      t.deepEqual(remembering.plan, fresh.plan);
      t.deepEqual(remembering.components, fresh.components);
      t.deepEqual(remembering.memory?.settled, fresh.memory?.settled);
    }),
    settings,
  );
  t.pass();
});

test('every object of a tree is of one component, and neighbours are held back together', (t) => {
  fc.assert(
    fc.property(history(anyTree), anyTree, (steps, files) => {
      const bench = live(steps);
      const { plan, components } = bench.plan(files);
      const members = components.flatMap((component) => component.map(refKey));
      t.is(new Set(members).size, members.length);
      for (const { ref } of manifestSet(files).objects) t.true(members.includes(refKey(ref)));
      const invalidKeys = new Set(
        plan.blocked.flatMap(({ ref, reason }) => (reason === 'invalid' ? [refKey(ref)] : [])),
      );
      for (const component of components.filter((each) => each.some((ref) => invalidKeys.has(refKey(ref))))) {
        const keys = new Set(component.map(refKey));
        t.deepEqual(
          plan.changes.filter(({ ref }) => keys.has(refKey(ref))),
          [],
        );
      }
    }),
    settings,
  );
  t.pass();
});

test('the universe of these tests is sound', (t) => {
  const files = {
    'a.yaml': configMap('a', 'two'),
    'b.yaml': deployment('b', 'a', 'v1'),
    'c.yaml': service('c', 'b'),
    'd.yaml': autoscaler('b'),
  };
  t.deepEqual(
    manifestSet(files).problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  t.is(manifestSet(files).objects.length, 4);
  const [set] = manifestSet({ 'a.yaml': invalid('a') }).rejected;
  t.is(set?.ref.name, 'a');
  const bench = new PlanBench();
  bench.commit(files);
  t.deepEqual([...bench.live.values()].map((object) => refOf(object).kind).sort(), [
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'Service',
  ]);
});

/** The same objects, tied otherwise: what reads and what selects does so elsewhere. */
function retied(files: Step['files'], to: string): Step['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      text
        .replace(/configMapRef: \{name: \w\}/, `configMapRef: {name: ${to}}`)
        .replace(/spec: \{selector: \{app: \w\}/, `spec: {selector: {app: ${to}}`),
    ]),
  );
}

test('what a plan remembers of one commit does not change the plan of another', (t) => {
  fc.assert(
    fc.property(history(soundTree), anyTree, name, (steps, files, to) => {
      const bench = live(steps);
      const last = steps.at(-1)?.files ?? {};
      // What is good, what is applied and what comes may be three versions.
      bench.markGood();
      settle(bench, retied(last, 'b'));
      let { memory } = bench.plan(last, { inventory: new Map(bench.inventory) });
      const look = (next: Step['files'], desired = manifestSet(next)) => {
        const inputs = { desired, inventory: new Map(bench.inventory) };
        const fresh = bench.plan(next, inputs);
        const remembering = bench.plan(next, { ...inputs, memory });
        t.deepEqual(remembering.components, fresh.components);
        t.deepEqual(remembering.plan, fresh.plan);
        memory = remembering.memory;
        return desired;
      };
      // One file of many is another, the usual commit; then the same objects tied otherwise, planned, applied and good.
      look({ ...last, '0.yaml': files['0.yaml'] ?? broken });
      look(last);
      const desired = look(retied(last, to));
      settle(bench, retied(last, to));
      look(retied(last, to), desired);
      bench.markGood();
      look(retied(last, to), desired);
      look(files);
    }),
    settings,
  );
  t.pass();
});
