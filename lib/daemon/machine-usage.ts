import { cpus, freemem, totalmem } from 'node:os';
import type { NodeUsage } from '../api/node-agent.ts';
import type { Clock } from '../base/clock.ts';
import { timings } from '../base/limits.ts';

type CpuTimes = { readonly busyMs: number; readonly totalMs: number };

/**
 * What the whole machine uses, as the kubelet reports a node: whatever runs on it, pods or not. Averaged since the sample
 * before, or over the latest window where nobody asked for long.
 */
export function machineUsage(clock: Clock, times: () => CpuTimes = cpuTimes): () => NodeUsage {
  let from = { atMs: clock.now(), ...times() };
  let last: NodeUsage | null = null;
  return () => {
    const now = { atMs: clock.now(), ...times() };
    const windowMs = now.atMs - from.atMs;
    if (last !== null && windowMs < timings.machineUsageWindowMs) return last;
    const totalMs = now.totalMs - from.totalMs;
    const share = totalMs <= 0 ? 0 : (now.busyMs - from.busyMs) / totalMs;
    last = {
      atMs: now.atMs,
      windowMs: Math.max(1, windowMs),
      cpuMillis: Math.round(share * cpus().length * 1000),
      memoryBytes: totalmem() - freemem(),
    };
    from = now;
    return last;
  };
}

/** Of all processors together, since the machine started. */
function cpuTimes(): CpuTimes {
  const all = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({
    busy: user + nice + sys + irq,
    idle,
  }));
  const busyMs = all.reduce((sum, { busy }) => sum + busy, 0);
  return { busyMs, totalMs: all.reduce((sum, { idle }) => sum + idle, busyMs) };
}
