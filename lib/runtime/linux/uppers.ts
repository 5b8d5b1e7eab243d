import { existsSync, mkdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { removeTree } from '../../base/remove-tree.ts';
import { runProgram } from '../../base/run-program.ts';
import { quote } from '../agent/entering.ts';
import { bundleFiles } from './linux-layout.ts';
import { mountsBelow } from './mount-table.ts';
import { mustRun, unmountBelow } from './pod-places.ts';

type Place = { readonly root: string; readonly clock: Clock };

/** Where containers write what is no volume's. `why`: what the disk said. */
export type UpperPlace = { readonly in: 'disk' } | { readonly in: 'memory'; readonly why: string };

/**
 * Whether the pods' directory can hold the upper layers of overlays: those of NFS, of another overlay and of some more cannot. What happens
 * is the answer: a mount, a file and a directory of the lower layer that go away in it.
 */
export async function tryUpper({ root, clock }: Place): Promise<UpperPlace> {
  const directory = join(root, '.upper-trial');
  // CRASH: what is left of one before is taken away first.
  await removeTree(directory);
  for (const name of ['lower/some', 'upper', 'work', 'root'])
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  for (const name of ['file', 'some/file']) writeFileSync(join(directory, 'lower', name), '');
  const script = [
    `cd ${quote(directory)}`,
    `mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay ${quote(`${directory}/root`)}`,
    'rm root/file; rm -r root/some; mkdir root/some; : >root/new',
    '[ ! -e root/file ] && [ ! -e root/some/file ] || { echo "what was removed is still there" >&2; exit 1; }',
  ].join('\n');
  const args = ['--mount', '--propagation', 'private', 'sh', '-e', '-c', script];
  try {
    const { exitCode, said } = await runProgram({
      ...{ program: 'unshare', args, timeoutMs: timings.mountMs, clock },
    });
    if (exitCode === 0) return { in: 'disk' };
    return { in: 'memory', why: said.trim().split('\n')[0]?.slice(0, limits.toolWordsMax) ?? '' };
  } finally {
    await removeTree(directory);
  }
}

const uppersDirectory = (root: string): string => join(root, '.uppers');

/** The directory of one run's layer in memory: `<container>.<attempt>`; of all of a pod's without a run. */
export function upperInMemory(root: string, podUid: string, run = ''): string {
  return join(uppersDirectory(root), podUid, run);
}

/** A file system in memory for upper layers, which outlives us, unless it is there. It holds half of what the machine has, as tmpfs(5) does. */
export async function mountUppers({ root, clock }: Place): Promise<void> {
  const path = uppersDirectory(root);
  if (mountsBelow(path).includes(path)) return;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  await mustRun({ program: 'mount', args: ['-t', 'tmpfs', '-o', 'mode=700', 'tmpfs', path], clock });
}

export async function unmountUppers({ root, clock }: Place): Promise<void> {
  const path = uppersDirectory(root);
  if (!existsSync(path)) return;
  await unmountBelow(path, clock);
  rmdirSync(path);
}

/** Makes a bundle whose upper layer lies in memory. May be repeated. */
export function placeUpper(bundle: string, upper: string): void {
  const files = bundleFiles(bundle);
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  for (const [path, name] of [
    [files.upper, 'upper'],
    [files.work, 'work'],
  ] as const) {
    const target = join(upper, name);
    mkdirSync(target, { recursive: true, mode: 0o755 });
    if (!existsSync(path)) symlinkSync(target, path);
  }
}

/** Of one run, or of the whole pod. */
export function removeUpper(root: string, podUid: string, run?: string): void {
  rmSync(upperInMemory(root, podUid, run), { recursive: true, force: true });
}
