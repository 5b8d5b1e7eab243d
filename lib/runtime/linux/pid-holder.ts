import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { quote } from '../agent/entering.ts';
import { MARKER, markerValue } from '../agent/marker.ts';
import { sendSignal } from '../agent/sweep.ts';
import { linuxLayout } from './linux-layout.ts';
import { mustRun, unmountBelow } from './pod-places.ts';

type Held = {
  readonly root: string;
  readonly podUid: string;
  readonly clock: Clock;
};

/**
 * Makes the namespace in which all containers of a pod see one another's processes, unless it is there: its first process reaps what
 * nobody waits for, and as long as it lives others can come in. `procs`: cgroup.procs files that it joins. May be repeated.
 */
export async function holdPidNamespace(held: Held & { readonly procs: readonly string[] }): Promise<void> {
  const { root, podUid, clock, procs } = held;
  if (livingHolder(root, podUid) !== null) return;
  const layout = linuxLayout(root, podUid);
  // A namespace whose first process has ended takes in nobody any more.
  await unmountBelow(layout.pid, clock);
  const marker = markerValue(root, `${podUid}.`);
  const input = holderScript({ directory: layout.namespaces, holder: layout.pidHolder, procs, marker });
  // CRASH: without a mount it is made again; who was started for it is in the pod's groups, and goes with them.
  await mustRun({ program: 'sh', args: ['-e'], input, clock });
}

/** Ends the namespace, and with it all that is in it. */
export function endPidNamespace(root: string, podUid: string): void {
  const pid = livingHolder(root, podUid);
  if (pid !== null) sendSignal(pid, 'SIGKILL');
}

/** The first process of the namespace that is mounted; null where it has ended, or nobody has made one. */
export function livingHolder(root: string, podUid: string): number | null {
  const layout = linuxLayout(root, podUid);
  try {
    const pid = Number.parseInt(readFileSync(layout.pidHolder, 'latin1'), 10);
    const inode = (path: string): bigint => statSync(path, { bigint: true }).ino;
    // One that nobody has waited for yet is in it still.
    if (['Z', 'X', undefined].includes(readProcessStat(pid)?.state)) return null;
    // Its number may be somebody else's by now.
    return inode(join('/proc', String(pid), 'ns/pid')) === inode(layout.pid) ? pid : null;
  } catch {
    return null;
  }
}

/** Source: the user of container engines' own first process. */
const NOBODY = 65_535;

/** What a program needs to be loaded. */
const TREES = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/**
 * Waits for whatever is given to it as a child, and for nothing else: only what the shell has built in, for its root is empty by then.
 * It blocks in a child that reads what nobody writes.
 */
const HOLD = `(while :; do (read -r line <&3); done) <&5 >&5 2>&5 & echo "$!"`;

/**
 * The containers of the pod see this process, so it has nothing to be had from it: no privilege, and a root that is empty. What it needs of the
 * machine to come about is unmounted behind it.
 */
function holderScript(of: {
  readonly directory: string;
  readonly holder: string;
  readonly procs: readonly string[];
  readonly marker: string;
}): string {
  const become = `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs`;
  const inner = [
    ...of.procs.map((file) => `echo 0 >${quote(file)}`),
    // Without the privilege for it, it goes when its turn comes.
    'echo -998 2>/dev/null >/proc/self/oom_score_adj || :',
    'exec 3<>hold 5<>/dev/null',
    'mount -n -t tmpfs -o size=64k,mode=755 tmpfs empty',
    'cd empty',
    `for name in ${TREES.join(' ')}; do`,
    '  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$name"',
    '  elif [ -d "/$name" ]; then mkdir "$name"; mount -n --bind -o ro "/$name" "$name"; fi',
    'done',
    // By /proc umount(8) knows what is mounted; a shell's child in the background begins with /dev/null.
    'mkdir old proc dev; mount -n --bind /proc proc; : >dev/null; mount -n --bind /dev/null dev/null',
    'pivot_root . old',
    'cd /',
    'umount -n --lazy old',
    `exec env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin ${MARKER}=${quote(of.marker)} unshare --pid ${become} sh -c ${quote(HOLD)}`,
  ].join('\n');
  return [
    `cd ${quote(of.directory)}`,
    'rm -f hold; mkfifo -m 600 hold; mkdir -p empty; : >pid',
    `pid=$(unshare --mount --propagation private setsid sh -e -c ${quote(inner)} </dev/null)`,
    `printf %s "$pid" >${quote(of.holder)}`,
    `nsenter --mount="/proc/$pid/ns/mnt" sh -c 'for name in ${TREES.join(' ')}; do [ -L "/$name" ] || [ ! -d "/$name" ] || set -- "$@" "/$name"; done; exec umount -n --lazy "$@" /dev/null /proc'`,
    `mount --no-canonicalize --bind "/proc/$pid/ns/pid" ${quote(`${of.directory}/pid`)}`,
    'rm -f hold',
    '',
  ].join('\n');
}
