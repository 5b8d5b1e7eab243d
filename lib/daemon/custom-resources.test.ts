import test from 'ava';
import { healthyAt, simulatedWorld } from '../testing/simulated-world.ts';

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Boat, plural: boats, singular: boat}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}
`;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
const boat = 'apiVersion: example.com/v1\nkind: Boat\nmetadata: {name: ada}\nspec: {sails: 2}\n';

test('a custom resource of the same commit as its definition waits for it, and then is there', async (t) => {
  const world = simulatedWorld();
  await world.start();
  const commit = await world.push({
    'a-boat.yaml': boat,
    'crd.yaml': definition,
    'c.yaml': configMap,
  });
  const report = await world.until(healthyAt(commit), 'all three to be live');
  t.deepEqual(report.objects.map(({ ref }) => ref.kind).sort(), [
    'Boat',
    'ConfigMap',
    'CustomResourceDefinition',
  ]);
  await world.stop();
  await world.start();
  const changed = await world.push({ 'a-boat.yaml': boat.replace('2', '3') });
  const after = await world.until(healthyAt(changed), 'the change to be live after a restart');
  t.deepEqual(after.objects.find(({ ref }) => ref.kind === 'Boat')?.live?.spec, { sails: 3 });
});

const strict = (fields: string): string =>
  definition.replace('x-kubernetes-preserve-unknown-fields: true', `properties: {${fields}}`);

test('a field that a definition gets in the same commit is applied with it, and its default is no drift', async (t) => {
  const world = simulatedWorld();
  await world.start();
  const first = await world.push({ 'a.yaml': boat, 'crd.yaml': strict('sails: {type: integer}') });
  await world.until(healthyAt(first), 'the first form to be live');
  const second = await world.push({
    'a.yaml': boat.replace('sails: 2', 'oars: 4'),
    'crd.yaml': strict('sails: {type: integer, default: 1}, oars: {type: integer, minimum: 2}'),
  });
  const live = (report: Awaited<ReturnType<typeof world.until>>): unknown =>
    report.objects.find(({ ref }) => ref.kind === 'Boat')?.live?.spec;
  const report = await world.until(
    (now) => healthyAt(second)(now) && JSON.stringify(live(now))?.includes('oars') === true,
    'the new field to be live',
  );
  t.deepEqual(live(report), { sails: 1, oars: 4 });
  const third = await world.push({ 'a.yaml': boat.replace('sails: 2', 'oars: 1, wheels: 3') });
  const refused = await world.until(
    (now) => now.problems.length > 0 && now.revision === third,
    'what is wrong to be told',
  );
  t.deepEqual(refused.problems.map(({ ruleId }) => ruleId).sort(), ['schema-violation', 'unknown-field']);
});

test('a definition that git no longer has goes with its objects', async (t) => {
  const world = simulatedWorld();
  await world.start();
  await world.until(
    healthyAt(await world.push({ 'a.yaml': boat, 'crd.yaml': definition })),
    'both to be live',
  );
  const commit = await world.push({ 'a.yaml': null, 'crd.yaml': null, 'c.yaml': configMap });
  const report = await world.until(
    (now) => healthyAt(commit)(now) && now.objects.length === 1,
    'only the ConfigMap to be left',
  );
  t.deepEqual(
    report.objects.map(({ ref }) => ref.kind),
    ['ConfigMap'],
  );
});
