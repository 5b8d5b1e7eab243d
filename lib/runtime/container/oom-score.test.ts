import test from 'ava';
import fc from 'fast-check';
import type { Container, Pod } from '../../schema/types.gen.ts';
import { oomScoreAdj } from './oom-score.ts';

const CAPACITY = 4_000_000_000;
const withMemory = (name: string, requests: string, more: Partial<Container> = {}): Container => ({
  name,
  resources: { requests: { memory: requests } },
  ...more,
});
const podOf = (spec: Pod['spec']): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });

// Source: after the cases of kubelet pkg/kubelet/qos.
const rows: readonly { readonly title: string; readonly spec: Pod['spec']; readonly score: number }[] = [
  { title: 'asks for nothing', spec: { containers: [{ name: 'a' }] }, score: 1000 },
  {
    title: 'asks for cpu only',
    spec: { containers: [{ name: 'a', resources: { requests: { cpu: '100m' } } }] },
    score: 999,
  },
  {
    title: 'asks for half of the machine',
    spec: { containers: [withMemory('a', '2000000000')] },
    score: 500,
  },
  { title: 'asks for nearly all of it', spec: { containers: [withMemory('a', '3999999999')] }, score: 3 },
  {
    title: 'is guaranteed',
    spec: {
      containers: [
        {
          name: 'a',
          resources: { limits: { cpu: '1', memory: '1G' }, requests: { cpu: '1', memory: '1G' } },
        },
      ],
    },
    score: -997,
  },
  {
    title: 'keeps the node alive',
    spec: { containers: [{ name: 'a' }], priorityClassName: 'system-node-critical' },
    score: -997,
  },
];
for (const { title, spec, score } of rows) {
  test(`oom score: of a container that ${title}`, (t) => {
    t.is(oomScoreAdj(podOf(spec), spec.containers[0] ?? { name: '' }, CAPACITY), score);
  });
}

test('oom score: a sidecar goes no sooner than the containers it serves', (t) => {
  const sidecar = withMemory('s', '10', { restartPolicy: 'Always' });
  const init = withMemory('i', '10');
  const pod = podOf({ initContainers: [sidecar, init], containers: [withMemory('a', '2000000000')] });
  t.is(oomScoreAdj(pod, sidecar, CAPACITY), 500);
  t.is(oomScoreAdj(pod, init, CAPACITY), 999);
});

test('oom score: who asked for more goes no sooner', (t) => {
  const bytes = fc.integer({ min: 0, max: 2 * CAPACITY });
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const a = withMemory('a', String(less + 1));
      const b = withMemory('b', String(more + 1));
      const pod = podOf({ containers: [a, b] });
      const [first, second] = [oomScoreAdj(pod, a, CAPACITY), oomScoreAdj(pod, b, CAPACITY)];
      t.true(first >= second && second >= 3 && first <= 999);
    }),
  );
});
