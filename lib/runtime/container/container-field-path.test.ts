import test from 'ava';
import { containerFieldPath } from './container-field-path.ts';

const spec = {
  containers: [{ name: 'web', image: 'host' }],
  initContainers: [{ name: 'prepare', image: 'host' }],
  ephemeralContainers: [{ name: 'debugger', image: 'host' }],
};

const cases = [
  { title: 'a container', name: 'web', expected: 'spec.containers{web}' },
  { title: 'an init container', name: 'prepare', expected: 'spec.initContainers{prepare}' },
  { title: 'an ephemeral container', name: 'debugger', expected: 'spec.ephemeralContainers{debugger}' },
  { title: 'one that the pod does not have', name: 'other', expected: undefined },
];

for (const { title, name, expected } of cases)
  test(`the place of ${title}`, (t) => t.is(containerFieldPath({ spec }, name), expected));
