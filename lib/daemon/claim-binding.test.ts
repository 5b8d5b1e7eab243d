import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { waitsForConsumer } from './claim-binding.ts';

const storageClass = (
  name: string,
  volumeBindingMode: string,
  more: { readonly isDefault?: string; readonly creationTimestamp?: string } = {},
): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name,
    creationTimestamp: more.creationTimestamp ?? '2026-01-01T00:00:00Z',
    annotations: { 'storageclass.kubernetes.io/is-default-class': more.isDefault ?? 'false' },
  },
  volumeBindingMode,
});

const late = storageClass('late', 'WaitForFirstConsumer');
const soon = storageClass('soon', 'Immediate');
const defaultOf = { isDefault: 'true' };

const table: readonly {
  readonly title: string;
  readonly named?: string;
  readonly classes: readonly KubeObject[];
  readonly waits: boolean;
}[] = [
  { title: 'a class that waits', named: 'late', classes: [late, soon], waits: true },
  { title: 'a class that does not', named: 'soon', classes: [late, soon], waits: false },
  { title: 'a class nobody knows', named: 'other', classes: [late, soon], waits: false },
  {
    title: 'no class on purpose, whatever the default is',
    named: '',
    classes: [storageClass('a', 'WaitForFirstConsumer', defaultOf)],
    waits: false,
  },
  {
    title: 'no class: the default one',
    classes: [soon, storageClass('a', 'WaitForFirstConsumer', defaultOf)],
    waits: true,
  },
  {
    title: 'of several default classes the newest',
    classes: [
      storageClass('old', 'WaitForFirstConsumer', defaultOf),
      storageClass('new', 'Immediate', { isDefault: 'true', creationTimestamp: '2026-02-01T00:00:00Z' }),
    ],
    waits: false,
  },
  { title: 'no class, and no default one', classes: [late], waits: false },
];

for (const { title, named, classes, waits } of table)
  test(`${title}: ${waits ? 'the claim waits for a pod' : 'the claim is bound at once'}`, (t) => {
    const spec = named === undefined ? {} : { storageClassName: named };
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
      spec,
    };
    t.is(waitsForConsumer(claim, classes), waits);
  });
