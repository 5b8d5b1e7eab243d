import test from 'ava';
import { toRfc3339 } from '../../base/clock.ts';
import type { Pod, Taint, Toleration } from '../../schema/types.gen.ts';
import { evictionAtMs } from './decide.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const AT_ONCE = Number.NEGATIVE_INFINITY;
const taint = (key: string, more: Partial<Taint> = {}): Taint => ({ key, effect: 'NoExecute', ...more });
const since = (ageSeconds: number): Partial<Taint> => ({ timeAdded: toRfc3339(NOW - ageSeconds * 1000) });
const bears = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

type Row = {
  readonly title: string;
  readonly taints: readonly Taint[];
  readonly tolerations?: readonly Toleration[];
  readonly pod?: Partial<Pod>;
  readonly ageSeconds?: number;
  readonly expected: number | null;
};
const rows: readonly Row[] = [
  { title: 'without taints a pod stays', taints: [], expected: null },
  { title: 'a taint it does not bear ends it at once', taints: [taint('a')], expected: AT_ONCE },
  {
    title: 'a taint that only keeps others off ends nothing',
    taints: [taint('a', { effect: 'NoSchedule' })],
    expected: null,
  },
  {
    title: 'one it bears for ever ends nothing',
    taints: [taint('a', since(900))],
    tolerations: [bears('a')],
    expected: null,
  },
  {
    title: 'one it bears for a while counts from when it was added',
    taints: [taint('a', since(10))],
    tolerations: [bears('a', 30)],
    expected: NOW + 20_000,
  },
  {
    title: 'or from when the pod came, if that was later',
    taints: [taint('a', since(900))],
    tolerations: [bears('a', 30)],
    ageSeconds: 5,
    expected: NOW + 25_000,
  },
  {
    title: 'or from when it was seen, where the taint does not say',
    taints: [taint('a')],
    tolerations: [bears('a', 30)],
    expected: NOW + 30_000,
  },
  {
    title: 'of several the shortest counts',
    taints: [taint('a', since(0)), taint('b', since(0))],
    tolerations: [bears('a', 30), bears('b', 20)],
    expected: NOW + 20_000,
  },
  {
    title: 'no time at all is at once',
    taints: [taint('a', since(0))],
    tolerations: [bears('a', 0)],
    expected: NOW,
  },
  {
    title: 'less than no time is at once, too',
    taints: [taint('a', since(0))],
    tolerations: [bears('a', -5)],
    expected: NOW,
  },
  {
    title: 'one borne and one not: at once',
    taints: [taint('a', since(0)), taint('b')],
    tolerations: [bears('a')],
    expected: AT_ONCE,
  },
  {
    title: 'a pod that has ended is left alone',
    taints: [taint('a')],
    pod: { status: { phase: 'Succeeded' } },
    expected: null,
  },
];

for (const { title, taints, tolerations, pod, ageSeconds = 3600, expected } of rows) {
  test(title, (t) => {
    const made: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'd', creationTimestamp: toRfc3339(NOW - ageSeconds * 1000) },
      spec: { containers: [], tolerations },
      ...pod,
    };
    t.is(evictionAtMs(made, taints, NOW), expected);
  });
}

test('a pod that is on its way is left alone', (t) => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', deletionTimestamp: toRfc3339(NOW) },
    spec: { containers: [] },
  };
  t.is(evictionAtMs(pod, [taint('a')], NOW), null);
});
