import type { ContainerResources } from '../../container-security.ts';

/** What a cgroup is told, in the kernel's units. null: no limit. */
export type CgroupLimits = {
  /** 2 to 262144. */
  readonly cpuShares: number;
  readonly cpuPeriodMicros: number;
  readonly cpuQuotaMicros: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  readonly hugepages: readonly { readonly pageBytes: number; readonly limitBytes: number }[];
};

/** Source: kubelet pkg/kubelet/cm, helpers_linux. */
const PERIOD_MICROS = 100_000;
const QUOTA_MIN_MICROS = 1_000;
const SHARES_MIN = 2;
const SHARES_MAX = 262_144;

/** Of nothing asked for: as little as there is. */
export function cpuSharesOf(millis: number): number {
  return Math.min(SHARES_MAX, Math.max(SHARES_MIN, Math.trunc((millis * 1024) / 1000)));
}

/** null: as much as there is. */
export function cpuQuotaOf(millis: number | null): number | null {
  if (millis === null || millis === 0) return null;
  return Math.max(QUOTA_MIN_MICROS, Math.trunc((millis * PERIOD_MICROS) / 1000));
}

/** The weight, 1 to 10000, that stands for shares under cgroup v2. Source: KEP-2254. */
export function cpuWeightOf(shares: number): number {
  return 1 + Math.trunc(((shares - SHARES_MIN) * 9999) / (SHARES_MAX - SHARES_MIN));
}

/** A request that is not there is the limit. */
export function cgroupLimits(resources: ContainerResources, pidsMax: number | null): CgroupLimits {
  const { cpuRequestMillis, cpuLimitMillis, memoryLimitBytes, hugepages = [] } = resources;
  return {
    cpuShares: cpuSharesOf(cpuRequestMillis ?? cpuLimitMillis ?? 0),
    cpuPeriodMicros: PERIOD_MICROS,
    cpuQuotaMicros: cpuQuotaOf(cpuLimitMillis),
    memoryBytes: memoryLimitBytes === null || memoryLimitBytes === 0 ? null : memoryLimitBytes,
    pids: pidsMax,
    hugepages,
  };
}

/** One write: `value` into `file` of the cgroup's directory under `controller` (v2 has one tree for all). In order. */
export type CgroupWrite = { readonly controller: string; readonly file: string; readonly value: string };

/**
 * The writes that make a cgroup hold these limits. Swap is not used: what is over the memory limit is out of memory. `optional`
 * ones concern what a kernel may have been built without.
 */
export function cgroupWrites(
  limits: CgroupLimits,
  version: 'v1' | 'v2',
): readonly (CgroupWrite & { readonly optional: boolean })[] {
  const writes = version === 'v1' ? writesV1(limits) : writesV2(limits);
  return writes.map(([controller, file, value, optional = false]) => ({ controller, file, value, optional }));
}

type Row = readonly [controller: string, file: string, value: string, optional?: boolean];

function writesV1(limits: CgroupLimits): readonly Row[] {
  const { cpuShares, cpuPeriodMicros, cpuQuotaMicros, memoryBytes, pids, hugepages } = limits;
  return [
    ['cpu', 'cpu.shares', String(cpuShares)],
    ['cpu', 'cpu.cfs_period_us', String(cpuPeriodMicros)],
    ['cpu', 'cpu.cfs_quota_us', String(cpuQuotaMicros ?? -1)],
    ['memory', 'memory.limit_in_bytes', String(memoryBytes ?? -1)],
    ...(memoryBytes === null
      ? []
      : ([['memory', 'memory.memsw.limit_in_bytes', String(memoryBytes), true]] as const)),
    ['pids', 'pids.max', String(pids ?? 'max')],
    ...hugepages.map(({ pageBytes, limitBytes }): Row => {
      return ['hugetlb', `hugetlb.${pageSizeText(pageBytes)}.limit_in_bytes`, String(limitBytes)];
    }),
  ];
}

function writesV2(limits: CgroupLimits): readonly Row[] {
  const { cpuShares, cpuPeriodMicros, cpuQuotaMicros, memoryBytes, pids, hugepages } = limits;
  return [
    ['cpu', 'cpu.weight', String(cpuWeightOf(cpuShares))],
    ['cpu', 'cpu.max', `${cpuQuotaMicros ?? 'max'} ${cpuPeriodMicros}`],
    ['memory', 'memory.max', String(memoryBytes ?? 'max')],
    ...(memoryBytes === null ? [] : ([['memory', 'memory.swap.max', '0', true]] as const)),
    ['memory', 'memory.oom.group', '1', true],
    ['pids', 'pids.max', String(pids ?? 'max')],
    ...hugepages.map(({ pageBytes, limitBytes }): Row => {
      return ['hugetlb', `hugetlb.${pageSizeText(pageBytes)}.max`, String(limitBytes)];
    }),
  ];
}

/** As the kernel names sizes of pages: 64KB, 2MB, 1GB. */
export function pageSizeText(bytes: number): string {
  if (bytes % 1024 ** 3 === 0) return `${bytes / 1024 ** 3}GB`;
  return bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2}MB` : `${bytes / 1024}KB`;
}
