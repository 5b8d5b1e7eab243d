import test from 'ava';
import { isCounted } from './counted-kinds.ts';

for (const { title, group, kind, counted } of [
  { title: 'a Deployment has a generation', group: 'apps', kind: 'Deployment', counted: true },
  { title: 'a ConfigMap has none', group: '', kind: 'ConfigMap', counted: false },
  {
    title: 'a custom resource has one, whatever its kind is called',
    group: 'example.com',
    kind: 'Secret',
    counted: true,
  },
]) {
  test(title, (t) => t.is(isCounted({ group, kind }), counted));
}
