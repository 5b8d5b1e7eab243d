import test from 'ava';
import { LOCAL_PROVISIONER } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../schema/types.gen.ts';
import { claimContent } from './claim-content.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [] },
};
const bound: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1' },
  spec: { volumeName: 'v' },
  status: { phase: 'Bound', capacity: { storage: '1Gi' } },
};
const volumeOf = (spec: Partial<PersistentVolume['spec']>): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v' },
  spec: { claimRef: { uid: 'u1' }, ...spec },
});
const local = { csi: { driver: LOCAL_PROVISIONER, volumeHandle: 'h' } };

const rows: readonly {
  readonly title: string;
  readonly claim?: PersistentVolumeClaim;
  readonly volume?: PersistentVolume;
  readonly expected: object;
}[] = [
  {
    title: 'a volume of this machine is a directory by its handle',
    claim: bound,
    volume: volumeOf(local),
    expected: { is: 'content', content: { kind: 'claim', handle: 'h' } },
  },
  {
    title: 'a path of the host is that path',
    claim: bound,
    volume: volumeOf({ hostPath: { path: '/srv' } }),
    expected: { is: 'content', content: { kind: 'host-path', path: '/srv', type: '' } },
  },
  { title: 'a claim that is not there may come', expected: { is: 'missing' } },
  {
    title: 'a claim that is not bound may be',
    claim: { ...bound, status: { phase: 'Pending' } },
    volume: volumeOf(local),
    expected: { is: 'missing' },
  },
  {
    title: "another claim's volume is not given away",
    claim: bound,
    volume: volumeOf({ ...local, claimRef: { uid: 'u2' } }),
    expected: { is: 'missing' },
  },
  {
    title: 'what this machine has not is refused',
    claim: bound,
    volume: volumeOf({ nfs: { server: 'a', path: '/' } }),
    expected: { is: 'unsupported' },
  },
];

for (const { title, claim, volume, expected } of rows)
  test(title, (t) => {
    const references = {
      configMap: () => undefined,
      secret: () => undefined,
      services: () => [],
      claim: () => claim,
      volume: (name: string) => (name === 'v' ? volume : undefined),
    };
    const facts = { podIP: '', hostIP: '', nodeName: '', allocatable: { cpu: '1', memory: '1' } };
    t.like(claimContent('data', { pod, references, facts }), expected);
  });
