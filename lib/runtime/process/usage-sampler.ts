import { readdirSync, readFileSync } from 'node:fs';
import type { Clock, EpochMs } from '../../base/clock.ts';
import { type ProcessStat, readProcessStat } from '../../base/companion/process-identity.ts';
import { markerOf, markerValue } from '../agent/marker.ts';
import type { ContainerRecord, DriverUsage } from '../driver.ts';

/** Clock ticks a second, as /proc counts on every architecture Linux has today. */
const TICKS_PER_SECOND = 100;

type Totals = { readonly cpuTicks: number; readonly residentPages: number };
type Sample = { readonly totals: Totals; readonly atMs: EpochMs };

/**
 * CPU and memory of containers from /proc. A process belongs to the container whose session it is in, else to the one its
 * environment names. Memory is the sum of the resident sets (what processes share counts once for each of them).
 */
export function usageSampler(
  clock: Clock,
): (records: readonly ContainerRecord[], root: string) => readonly DriverUsage[] {
  const pageBytes = pageSize();
  /** Process → marker; null: it has none. Looked up once a process. */
  const known = new Map<string, string | null>();
  let previous = new Map<string, Sample>();
  return (records, root) => {
    const running = records.flatMap((record) =>
      record.state.phase === 'running' ? [{ ...record, state: record.state }] : [],
    );
    const bySession = new Map(running.map(({ id, state }) => [state.pid, id]));
    const byMarker = new Map(running.map(({ id }) => [markerValue(root, id), id]));
    const totals = totalsByContainer(bySession, byMarker, known);
    const atMs = clock.now();
    const samples = new Map<string, Sample>();
    const usages = running.flatMap((record): readonly DriverUsage[] => {
      const total = totals.get(record.id);
      if (total === undefined) return [];
      samples.set(record.id, { totals: total, atMs });
      const before = previous.get(record.id) ?? {
        totals: { cpuTicks: 0, residentPages: 0 },
        atMs: record.state.startedAtMs,
      };
      const windowMs = Math.max(1, atMs - before.atMs);
      const ticks = Math.max(0, total.cpuTicks - before.totals.cpuTicks);
      return [
        {
          podUid: record.podUid,
          container: record.container,
          cpuMillis: Math.round((ticks * 1_000_000) / TICKS_PER_SECOND / windowMs),
          memoryBytes: total.residentPages * pageBytes,
          atMs,
          windowMs,
        },
      ];
    });
    previous = samples;
    return usages;
  };
}

function totalsByContainer(
  bySession: ReadonlyMap<number, string>,
  byMarker: ReadonlyMap<string, string>,
  known: Map<string, string | null>,
): ReadonlyMap<string, Totals> {
  const totals = new Map<string, Totals>();
  const seen = new Set<string>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isSafeInteger(pid) ? readProcessStat(pid) : null;
    if (stat === null || stat.state === 'Z') continue;
    const key = `${pid} ${stat.startTicks}`;
    seen.add(key);
    const id = bySession.get(stat.session) ?? byMarker.get(markerOnce(stat, key, known) ?? '');
    if (id === undefined) continue;
    const before = totals.get(id) ?? { cpuTicks: 0, residentPages: 0 };
    totals.set(id, {
      cpuTicks: before.cpuTicks + stat.cpuTicks,
      residentPages: before.residentPages + stat.residentPages,
    });
  }
  for (const key of known.keys()) if (!seen.has(key)) known.delete(key);
  return totals;
}

function markerOnce(stat: ProcessStat, key: string, known: Map<string, string | null>): string | null {
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  // The keeper, which leads its own session and runs the container's first shell, is ours and not the container.
  const marker = isKeeper(stat.pid) ? null : markerOf(stat.pid);
  known.set(key, marker);
  return marker;
}

function isKeeper(pid: number): boolean {
  try {
    return /\/keeper\.sh\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
}

/** Bytes of a page; 4096 but on some arm64 kernels. */
function pageSize(): number {
  const match = /^KernelPageSize:\s+(\d+) kB$/m.exec(
    readFileSync('/proc/self/smaps', 'latin1').slice(0, 4096),
  );
  return match === null ? 4096 : Number(match[1]) * 1024;
}
