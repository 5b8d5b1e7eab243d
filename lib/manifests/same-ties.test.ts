import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { sameTies } from './same-ties.ts';

const web = (
  of: {
    readonly image?: string;
    readonly reads?: string;
    readonly app?: string;
    readonly replicas?: number;
  } = {},
): KubeObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } },
  spec: {
    replicas: of.replicas ?? 1,
    template: {
      metadata: { labels: { app: of.app ?? 'web' } },
      spec: {
        containers: [
          { name: 'a', image: of.image ?? 'host', envFrom: [{ configMapRef: { name: of.reads ?? 'a' } }] },
        ],
      },
    },
  },
});
const service = (app: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { selector: { app } },
});

const cases: readonly { title: string; a: KubeObject; b: KubeObject; same: boolean }[] = [
  {
    title: 'another image and more replicas',
    a: web(),
    b: web({ image: 'host:2', replicas: 3 }),
    same: true,
  },
  { title: 'another ConfigMap', a: web(), b: web({ reads: 'b' }), same: false },
  { title: 'other labels of its pods', a: web(), b: web({ app: 'other' }), same: false },
  { title: 'another selector', a: service('a'), b: service('b'), same: false },
  { title: 'the same selector', a: service('a'), b: service('a'), same: true },
];
for (const { title, a, b, same } of cases) {
  test(`${title}: ${same ? 'tied alike' : 'tied otherwise'}`, (t) => t.is(sameTies(a, b), same));
}
