import test from 'ava';
import fc from 'fast-check';
import type { ContainerResources } from '../../container-security.ts';
import {
  cgroupLimits,
  cgroupWrites,
  cpuQuotaOf,
  cpuSharesOf,
  cpuWeightOf,
  pageSizeText,
} from './cgroup-limits.ts';

// Source: kubelet pkg/kubelet/cm, the tables of MilliCPUToShares and MilliCPUToQuota.
for (const { millis, shares, quota } of [
  { millis: 0, shares: 2, quota: null },
  { millis: 1, shares: 2, quota: 1000 },
  { millis: 5, shares: 5, quota: 1000 },
  { millis: 9, shares: 9, quota: 1000 },
  { millis: 10, shares: 10, quota: 1000 },
  { millis: 200, shares: 204, quota: 20_000 },
  { millis: 500, shares: 512, quota: 50_000 },
  { millis: 1000, shares: 1024, quota: 100_000 },
  { millis: 1500, shares: 1536, quota: 150_000 },
  { millis: 10_000_000, shares: 262_144, quota: 1_000_000_000 },
]) {
  test(`cpu: ${millis} thousandths are ${shares} shares and a quota of ${quota}`, (t) => {
    t.is(cpuSharesOf(millis), shares);
    t.is(cpuQuotaOf(millis), quota);
  });
}

for (const { shares, weight } of [
  { shares: 2, weight: 1 },
  { shares: 1024, weight: 39 },
  { shares: 262_144, weight: 10_000 },
]) {
  test(`cpu: ${shares} shares are a weight of ${weight}`, (t) => {
    t.is(cpuWeightOf(shares), weight);
  });
}

const resources: ContainerResources = {
  ...{ cpuRequestMillis: 250, cpuLimitMillis: 500, memoryRequestBytes: null, memoryLimitBytes: 1024 ** 2 },
  hugepages: [{ pageBytes: 2 * 1024 ** 2, limitBytes: 4 * 1024 ** 2 }],
};
const written = (
  version: 'v1' | 'v2',
  pidsMax: number | null,
  of = resources,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    cgroupWrites(cgroupLimits(of, pidsMax), version).map(({ file, value }) => [file, value]),
  );

test('version 1 is told shares, quota, bytes and how many', (t) => {
  t.deepEqual(written('v1', 10), {
    ...{ 'cpu.shares': '256', 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000' },
    ...{ 'memory.limit_in_bytes': '1048576', 'memory.memsw.limit_in_bytes': '1048576', 'pids.max': '10' },
    'hugetlb.2MB.limit_in_bytes': '4194304',
  });
});

test('version 2 is told a weight, and that all programs of a cgroup end together', (t) => {
  t.deepEqual(written('v2', 10), {
    ...{ 'cpu.weight': '10', 'cpu.max': '50000 100000', 'memory.max': '1048576', 'memory.swap.max': '0' },
    ...{ 'memory.oom.group': '1', 'pids.max': '10', 'hugetlb.2MB.max': '4194304' },
  });
});

test('no limit is written as none, so that one that was there goes', (t) => {
  const none = {
    cpuRequestMillis: null,
    cpuLimitMillis: null,
    memoryRequestBytes: null,
    memoryLimitBytes: null,
    hugepages: [],
  };
  t.like(written('v1', null, none), {
    'cpu.cfs_quota_us': '-1',
    'memory.limit_in_bytes': '-1',
    'pids.max': 'max',
  });
  t.like(written('v2', null, none), { 'cpu.max': 'max 100000', 'memory.max': 'max', 'pids.max': 'max' });
});

test('a request that is not there is the limit', (t) => {
  t.is(cgroupLimits({ ...resources, cpuRequestMillis: null }, null).cpuShares, 512);
});

test('sizes of pages are written as the kernel names them', (t) => {
  t.deepEqual([64 * 1024, 2 * 1024 ** 2, 1024 ** 3].map(pageSizeText), ['64KB', '2MB', '1GB']);
});

test('whatever is asked for, shares, quota and weight are what the kernel takes, and more never gets less', (t) => {
  const millis = fc.integer({ min: 1, max: 100_000_000 });
  fc.assert(
    fc.property(millis, millis, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      t.true(cpuSharesOf(less) <= cpuSharesOf(more));
      t.true((cpuQuotaOf(less) ?? 0) <= (cpuQuotaOf(more) ?? 0) && (cpuQuotaOf(less) ?? 0) >= 1000);
      const weight = cpuWeightOf(cpuSharesOf(one));
      t.true(weight >= 1 && weight <= 10_000 && Number.isInteger(weight));
    }),
  );
});
