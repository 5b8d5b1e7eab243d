import test from 'ava';
import { limits } from '../../base/limits.ts';
import { nodeSettings } from '../../testing/node-world.ts';
import { declaredCapacity } from './declared-capacity.ts';
import { addressParts, nodeNames, nodeShare } from './node-share.ts';

test('nodes are named after the first', (t) => {
  t.deepEqual(nodeNames('m', 3), ['m', 'm-2', 'm-3']);
});

for (const { range, count, parts } of [
  { range: '127.97.0.0/16', count: 1, parts: ['127.97.0.0/16'] },
  { range: '127.97.0.0/16', count: 3, parts: ['127.97.0.0/24', '127.97.1.0/24', '127.97.2.0/24'] },
  { range: '10.244.3.0/24', count: 3, parts: ['10.244.3.0/26', '10.244.3.64/26', '10.244.3.128/26'] },
  { range: '10.244.3.0/24', count: 2, parts: ['10.244.3.0/25', '10.244.3.128/25'] },
]) {
  test(`${range} for ${count} nodes`, (t) => t.deepEqual(addressParts(range, count), parts));
}

test('a range too small for all gives as many parts as it can', (t) => {
  const parts = addressParts('10.0.0.0/28', 5);
  t.deepEqual(parts, ['10.0.0.0/29', '10.0.0.8/29']);
});

test('a share is an equal part of the machine, and no more pods than addresses', (t) => {
  const machine = { ...nodeSettings, podCIDR: '10.244.0.0/24' };
  t.like(nodeShare(machine, { index: 1, count: 4 }), {
    cpuMillis: 1000,
    memoryBytes: 2 * 1024 ** 3,
    podsMax: 61,
    podCIDR: '10.244.0.64/26',
    cpuLimitMillis: null,
  });
  t.like(nodeShare(machine, { index: 0, count: 1 }), { cpuMillis: 4000, podsMax: 110 });
});

test('what is declared is had, and held to', (t) => {
  const declared = declaredCapacity({
    'pintle.dev/capacity-cpu': '500m',
    'pintle.dev/capacity-memory': '1Gi',
    'pintle.dev/capacity-pods': '7',
  });
  t.like(nodeShare(nodeSettings, { index: 0, count: 2, declared }), {
    cpuMillis: 500,
    cpuLimitMillis: 500,
    memoryBytes: 1024 ** 3,
    memoryLimitBytes: 1024 ** 3,
    podsMax: 7,
  });
});

test('what is no quantity above nothing declares nothing', (t) => {
  t.deepEqual(
    declaredCapacity({
      'pintle.dev/capacity-cpu': 'much',
      'pintle.dev/capacity-memory': '-1',
      'pintle.dev/capacity-pods': '0',
    }),
    {},
  );
  t.deepEqual(declaredCapacity(undefined), {});
});

test('more than can be counted is not declared, and no more pods than a node may have', (t) => {
  for (const much of ['1e40', '9E', '9'.repeat(60)]) {
    const declared = declaredCapacity({
      'pintle.dev/capacity-cpu': much,
      'pintle.dev/capacity-memory': much,
      'pintle.dev/capacity-pods': much,
    });
    t.deepEqual(declared, { pods: limits.podsPerNodeMax }, much);
  }
});
