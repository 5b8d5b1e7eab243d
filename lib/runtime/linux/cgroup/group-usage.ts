import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, EpochMs } from '../../../base/clock.ts';
import type { ContainerRecord, DriverUsage } from '../../driver.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import type { PodGroups } from './pod-groups.ts';

type Sample = { readonly cpuNanos: number; readonly atMs: EpochMs };

/**
 * CPU and memory of running containers from their control groups. Memory is the working set: what is in use without what the kernel
 * could give back at once. Source: cadvisor, container_memory_working_set_bytes.
 */
export function groupUsage(
  clock: Clock,
): (
  records: readonly ContainerRecord[],
  at: { readonly groups: PodGroups; readonly tree: CgroupTree },
) => readonly DriverUsage[] {
  let previous = new Map<string, Sample>();
  return (records, { groups, tree }) => {
    const samples = new Map<string, Sample>();
    const usages = records.flatMap((record): readonly DriverUsage[] => {
      const { id, podUid, container, attempt, state } = record;
      if (state.phase !== 'running') return [];
      const name = `${container}.${attempt}`;
      const cpu = groups.directory('cpuacct', podUid, name);
      const memory = groups.directory('memory', podUid, name);
      if (cpu === null || memory === null) return [];
      const cpuNanos = tree.version === 'v2' ? cpuNanosV2(cpu) : numberIn(join(cpu, 'cpuacct.usage'));
      const memoryBytes = tree.version === 'v2' ? workingSetV2(memory) : workingSetV1(memory);
      if (cpuNanos === null || memoryBytes === null) return [];
      const atMs = clock.now();
      const before = previous.get(id) ?? { cpuNanos: 0, atMs: state.startedAtMs };
      const windowMs = Math.max(1, atMs - before.atMs);
      samples.set(id, { cpuNanos, atMs });
      const cpuMillis = Math.round(Math.max(0, cpuNanos - before.cpuNanos) / 1000 / windowMs);
      return [{ podUid, container, cpuMillis, memoryBytes, atMs, windowMs }];
    });
    previous = samples;
    return usages;
  };
}

function cpuNanosV2(group: string): number | null {
  const micros = fieldIn(join(group, 'cpu.stat'), 'usage_usec');
  return micros === null ? null : micros * 1000;
}

function workingSetV1(group: string): number | null {
  return less(
    numberIn(join(group, 'memory.usage_in_bytes')),
    fieldIn(join(group, 'memory.stat'), 'total_inactive_file'),
  );
}

function workingSetV2(group: string): number | null {
  return less(numberIn(join(group, 'memory.current')), fieldIn(join(group, 'memory.stat'), 'inactive_file'));
}

function less(used: number | null, idle: number | null): number | null {
  return used === null ? null : Math.max(0, used - (idle ?? 0));
}

function numberIn(path: string): number | null {
  const text = textIn(path)?.trim() ?? '';
  return /^\d{1,20}$/.test(text) ? Number(text) : null;
}

function fieldIn(path: string, name: string): number | null {
  const line = textIn(path)
    ?.split('\n')
    .find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

/** Null when the group is gone. */
function textIn(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
