import { existsSync, mkdirSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { codeOf, WorldError } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';
import { type ProgramRun, runProgram } from '../../base/run-program.ts';
import { quote } from '../agent/entering.ts';
import type { SandboxSpec } from '../driver.ts';
import { linuxLayout, memoryDirectory } from './linux-layout.ts';
import { mountsBelow } from './mount-table.ts';

type Place = { readonly root: string; readonly clock: Clock };

/** Directories of a pod, the files that hold its namespaces and its shared memory. What a call before left is made anew. */
export async function makePodPlace(
  { root, clock }: Place,
  spec: Pick<SandboxSpec, 'podUid' | 'hostname' | 'hostIPC' | 'hostNetwork'>,
): Promise<void> {
  const layout = linuxLayout(root, spec.podUid);
  await unmountBelow(layout.directory, clock);
  const { directory, volumes, termination, namespaces, shm, etc, memory, roots } = layout;
  for (const path of [directory, volumes, termination, namespaces, shm, etc, memory, roots])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const path of [layout.uts, layout.ipc]) writeFileSync(path, '', { mode: 0o600 });
  // The machine's name in the machine's network, as Kubernetes has it; else its own.
  const held = [
    ...(spec.hostNetwork === true ? [] : [`--uts=${layout.uts}`]),
    ...(spec.hostIPC === true ? [] : [`--ipc=${layout.ipc}`]),
  ];
  const options = `nosuid,nodev,noexec,mode=1777,size=${SHM_BYTES}`;
  const mount = ['mount', '-t', 'tmpfs', '-o', options, 'shm', shm];
  const named = `printf %s ${quote(spec.hostname)} >/proc/sys/kernel/hostname && exec "$@"`;
  const inside = spec.hostNetwork === true ? mount : ['sh', '-c', named, 'sh', ...mount];
  // One program becomes the next: mounts are the machine's in any case.
  await mustRun({ program: 'unshare', args: [...held, '--', ...inside], clock });
}

/** Source: the default of container engines. */
const SHM_BYTES = 64 * 1024 * 1024;

/**
 * Unmounts what is mounted at and below a directory. Launchers of other pods have copies of each mount: they go when its mount point
 * does.
 */
export async function unmountBelow(directory: string, clock: Clock): Promise<void> {
  const mounts = mountsBelow(directory);
  if (mounts.length === 0) return;
  await mustRun({ program: 'umount', args: ['--lazy', '--', ...mounts], clock });
}

/** Removes the places where namespaces and memory were mounted, and what the pod had in memory. Its directory is the caller's. */
export async function removePodPlace({ root, clock }: Place, podUid: string): Promise<void> {
  const layout = linuxLayout(root, podUid);
  await unmountBelow(layout.directory, clock);
  for (const path of [layout.uts, layout.ipc, layout.pid]) withoutAbsence(() => unlinkSync(path));
  withoutAbsence(() => rmdirSync(layout.shm));
  rmSync(layout.memory, { recursive: true, force: true });
}

/** The tmpfs for what pods have in memory alone. */
export async function mountMemoryDirectory({ root, clock }: Place, sizeBytes: number): Promise<void> {
  const path = memoryDirectory(root);
  if (mountsBelow(path).includes(path)) return;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const options = `nosuid,nodev,mode=700,size=${sizeBytes}`;
  await mustRun({ program: 'mount', args: ['-t', 'tmpfs', '-o', options, 'tmpfs', path], clock });
}

export async function unmountMemoryDirectory({ root, clock }: Place): Promise<void> {
  const path = memoryDirectory(root);
  await unmountBelow(path, clock);
  if (existsSync(path)) rmdirSync(path);
}

/** Throws WorldError DRIVER_FAILED with what the program said. */
export async function mustRun(run: Omit<ProgramRun, 'timeoutMs'>): Promise<void> {
  const { exitCode, said } = await runProgram({ ...run, timeoutMs: timings.mountMs });
  if (exitCode !== 0) throw new WorldError('DRIVER_FAILED', `${run.program} failed: ${said.trim()}`);
}

function withoutAbsence(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
  }
}
