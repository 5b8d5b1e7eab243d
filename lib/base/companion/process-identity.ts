import { readFileSync } from 'node:fs';
import { codeOf } from '../errors.ts';

/** What we read of one process; times in clock ticks (100 a second on Linux). */
export type ProcessStat = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** `R`, `S`, `D`, `T`, `Z`, … */
  readonly state: string;
  readonly startTicks: number;
  /** User and system time of the process and of the children it has waited for. */
  readonly cpuTicks: number;
  readonly residentPages: number;
};

/** Names one process for ever: a process id alone is reused. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: number; readonly bootId: string };

/** Parses `/proc/<pid>/stat` (proc(5)); null when it is not such a line. The name in it may hold anything. */
export function parseProcessStat(text: string): ProcessStat | null {
  const nameEnd = text.lastIndexOf(') ');
  const pid = Number.parseInt(text, 10);
  if (nameEnd < 0 || !Number.isSafeInteger(pid)) return null;
  const fields = text.slice(nameEnd + 2).split(' ');
  // Field n of the manual is fields[n - 3].
  const at = (field: number): number => Number(fields[field - 3]);
  const cpuTicks = at(14) + at(15) + at(16) + at(17);
  const stat = {
    pid,
    state: fields[0] ?? '',
    parent: at(4),
    group: at(5),
    session: at(6),
    startTicks: at(22),
    residentPages: at(24),
    cpuTicks,
  };
  return Number.isFinite(stat.startTicks + cpuTicks + stat.residentPages) ? stat : null;
}

/** null when there is no such process (any more). */
export function readProcessStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (thrown) {
    const code = codeOf(thrown);
    // ESRCH: it ended between open and read.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null;
    throw thrown;
  }
}

let bootIdRead: string | undefined;

/** Changes with every start of the machine. */
export function bootId(): string {
  bootIdRead ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return bootIdRead;
}

/** Whether exactly this process still runs; one that ended and was not waited for does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const stat = readProcessStat(identity.pid);
  return stat !== null && stat.startTicks === identity.startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** `pid startTicks bootId` and a newline: without the newline the line was not written whole. */
export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startTicks} ${identity.bootId}\n`;
}

/** null when the text is not a whole line of `formatIdentity`. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const match = /^([1-9]\d{0,9}) (\d{1,18}) ([0-9a-f-]{1,64})\n/.exec(text);
  if (match === null) return null;
  return { pid: Number(match[1]), startTicks: Number(match[2]), bootId: match[3] ?? '' };
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks ?? 0, bootId: bootId() };
}
