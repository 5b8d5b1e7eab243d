import test from 'ava';
import fc from 'fast-check';
import type { KubeObject } from '../schema/object.ts';
import { tries } from '../testing/thoroughness.ts';
import { componentsOf } from './components.ts';

const deployment = (
  name: string,
  podSpec: object = {},
  labels: Record<string, string> = { app: name },
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [], ...podSpec } },
  },
});
const plain = (kind: string, name: string, spec: object = {}, namespace = 'shop'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === '' ? {} : { namespace }) },
  spec: { ...spec },
});
const service = (name: string, selector: Record<string, string>): KubeObject =>
  plain('Service', name, { selector });
const usesConfig = (name: string): object => ({ volumes: [{ name: 'v', configMap: { name } }] });

const names = (objects: readonly KubeObject[], previous: readonly KubeObject[] = []): readonly string[] =>
  componentsOf(objects, previous).map((component) =>
    component.map(({ kind, name }) => `${kind}/${name}`).join(' '),
  );

test('References and selectors tie; what has neither stands alone.', (t) => {
  t.deepEqual(
    names([
      deployment('web', usesConfig('settings')),
      service('web', { app: 'web' }),
      plain('ConfigMap', 'settings'),
      deployment('worker'),
      plain('ConfigMap', 'unused'),
    ]),
    ['ConfigMap/settings Service/web Deployment/web', 'ConfigMap/unused', 'Deployment/worker'],
  );
});

test('A tie that only was still ties: both sides move together while it is cut.', (t) => {
  const before = [deployment('web', usesConfig('settings')), plain('ConfigMap', 'settings')];
  t.deepEqual(names([deployment('web'), plain('ConfigMap', 'settings')], before), [
    'ConfigMap/settings Deployment/web',
  ]);
});

test('A selector that did match the pods as they were ties, too.', (t) => {
  const now = [service('web', { app: 'old' }), deployment('web', {}, { app: 'new' })];
  t.is(names(now).length, 2);
  t.deepEqual(names(now, [deployment('web', {}, { app: 'old' })]), ['Service/web Deployment/web']);
});

test('Namespaces, classes, RBAC and network policies tie nothing.', (t) => {
  const components = names([
    plain('Namespace', 'shop', {}, ''),
    deployment('a', { priorityClassName: 'high' }),
    deployment('b', { priorityClassName: 'high' }),
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 5 },
    plain('ServiceAccount', 'robot'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'bind', namespace: 'shop' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'robot' }],
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'shop' },
      spec: { podSelector: {} },
    },
  ]);
  t.is(components.length, 7);
});

test('Two Services with one selector are one component with its pods.', (t) => {
  t.deepEqual(names([service('a', { app: 'web' }), service('b', { app: 'web' }), deployment('web')]), [
    'Service/a Service/b Deployment/web',
  ]);
});

test('Selectors stay in their namespace.', (t) => {
  const elsewhere: KubeObject = { ...deployment('web'), metadata: { name: 'web', namespace: 'other' } };
  t.is(names([service('web', { app: 'web' }), elsewhere]).length, 2);
});

test('Every object is in exactly one component, whatever the order of the input.', (t) => {
  const app = fc.constantFrom('a', 'b', 'c', 'd');
  const object = fc.oneof(
    fc.record({ name: app, uses: app }).map(({ name, uses }) => deployment(name, usesConfig(uses))),
    app.map((name) => plain('ConfigMap', name)),
    fc.record({ name: app, of: app }).map(({ name, of }) => service(name, { app: of })),
  );
  fc.assert(
    fc.property(
      fc.array(object, { maxLength: 12 }),
      fc.array(object, { maxLength: 6 }),
      (objects, previous) => {
        const components = names(objects, previous);
        t.deepEqual(names([...objects].reverse(), [...previous].reverse()), components);
        const members = components.flatMap((text) => text.split(' '));
        const expected = new Set(
          [...objects, ...previous].map(({ kind, metadata }) => `${kind}/${metadata.name}`),
        );

        t.deepEqual([...members].sort(), [...expected].sort());
      },
    ),
    { numRuns: tries(200) },
  );
});
