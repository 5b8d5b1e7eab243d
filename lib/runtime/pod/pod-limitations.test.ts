import test from 'ava';
import type { Pod } from '../../schema/types.gen.ts';
import { podLimitations } from './pod-limitations.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: {
    containers: [{ name: 'web', image: 'host' }],
    shareProcessNamespace: true,
    ephemeralContainers: [{ name: 'looks', image: 'host', targetContainerName: 'web' }],
  },
};

test('pods of their own share processes and look into one another; groups of processes of the machine do not', (t) => {
  t.deepEqual(podLimitations(pod, 'linux'), []);
  t.is(podLimitations(pod, 'process').length, 1);
});
