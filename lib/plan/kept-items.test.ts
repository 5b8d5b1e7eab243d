import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import type { Taint, Toleration } from '../schema/types.gen.ts';
import { withKeptItems } from './kept-items.ts';

const lost = (name: string, tolerationSeconds = 300): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
});
const own: Toleration = { key: 'mine', operator: 'Exists' };
const BOTH = [lost('not-ready'), lost('unreachable')];
const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: 'x' };
const dedicated: Taint = { key: 'dedicated', effect: 'NoSchedule' };

const pod = (tolerations?: readonly Toleration[]): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: tolerations === undefined ? {} : { tolerations },
  }) as KubeObject;
const node = (taints?: readonly Taint[]): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: taints === undefined ? {} : { taints },
  }) as KubeObject;

type Row = {
  readonly title: string;
  readonly base: KubeObject | null;
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly expected: KubeObject;
};
const rows: readonly Row[] = [
  {
    title: 'what nobody wrote is left to live',
    base: pod(),
    desired: pod(),
    live: pod(BOTH),
    expected: pod(),
  },
  {
    title: 'what admission added stands behind what git says',
    base: pod([own]),
    desired: pod([own]),
    live: pod([own, ...BOTH]),
    expected: pod([own, ...BOTH]),
  },
  {
    title: 'where git says how long a loss is borne, nothing is added for it',
    base: pod([own]),
    desired: pod([lost('unreachable', 5)]),
    live: pod([own, ...BOTH]),
    expected: pod([lost('unreachable', 5), lost('not-ready')]),
  },
  {
    title: 'what somebody else added is drift',
    base: pod([own]),
    desired: pod([own]),
    live: pod([own, lost('unreachable', 7)]),
    expected: pod([own]),
  },
  {
    title: 'taints of conditions are kept beside those of git',
    base: node([dedicated]),
    desired: node([dedicated]),
    live: node([dedicated, unreachable]),
    expected: node([dedicated, unreachable]),
  },
  {
    title: 'also where git has taken back its own',
    base: node([dedicated]),
    desired: node(),
    live: node([dedicated, unreachable]),
    expected: node([unreachable]),
  },
  {
    title: 'taints that others set are drift where git has some',
    base: node([dedicated]),
    desired: node([dedicated]),
    live: node([dedicated, { key: 'theirs', effect: 'NoSchedule' }]),
    expected: node([dedicated]),
  },
  {
    title: 'of other kinds nothing is kept',
    base: null,
    desired: { ...pod([own]), kind: 'Other' },
    live: { ...pod([own, ...BOTH]), kind: 'Other' },
    expected: { ...pod([own]), kind: 'Other' },
  },
];

for (const { title, base, desired, live, expected } of rows) {
  test(title, (t) => t.deepEqual(withKeptItems(desired, { base, live }), expected));
}
