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
const boat = 'apiVersion: example.com/v1\nkind: Boat\nmetadata: {name: ada}\nspec: {sails: 2}\n';

test('a custom resource of the same commit as its definition waits for it, and then is there', async (t) => {
  const world = simulatedWorld();
  await world.start();
  const commit = await world.push({
    'a-boat.yaml': boat,
    'crd.yaml': definition,
    'c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n',
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
