import { readFileSync } from 'node:fs';
import type { Verdict } from './container-state.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { sendSignal } from './sweep.ts';
import { atTerminal } from './terminal-size.ts';

type Running = Extract<Verdict, { kind: 'running' }>;

/** To the whole group of a process of the machine; to the first process of an isolated container, as Kubernetes has it. */
export function signalContainer(
  spec: LaunchSpec,
  { container, state }: Running,
  signal: NodeJS.Signals,
): void {
  if (spec.isolated !== undefined) {
    if (isInGroups(state.pid, spec.isolated.groups)) sendSignal(state.pid, signal);
    return;
  }
  const { pid } = container;
  // At a terminal, the program has a group of its own; what runs the terminal ends with it.
  sendSignal(-((spec.tty ? atTerminal(pid)?.pid : null) ?? pid), signal);
}

/** So that it ends, whatever it does; an isolated container's launcher tells then how it ended. */
export function killContainer(spec: LaunchSpec, verdict: Running): void {
  if (spec.isolated !== undefined) signalContainer(spec, verdict, 'SIGKILL');
  else sendSignal(-verdict.container.pid, 'SIGKILL');
}

/** Whether the process is in one of these control groups: its number may be somebody else's by now. */
export function isInGroups(pid: number, groups: readonly string[]): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'latin1')
      .split('\n')
      .map((line) => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1))
      .some((path) => path.length > 1 && groups.some((group) => group.endsWith(path)));
  } catch {
    return false;
  }
}
