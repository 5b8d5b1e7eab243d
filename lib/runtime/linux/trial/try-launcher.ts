import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { bootId } from '../../../base/companion/process-identity.ts';
import { messageOf, WorldError } from '../../../base/errors.ts';
import { limits, timings } from '../../../base/limits.ts';
import { removeTree } from '../../../base/remove-tree.ts';
import { runProgram } from '../../../base/run-program.ts';
import { containerDirectory } from '../../agent/container-directory.ts';
import { type ContainerSpec, containerIdOf, type SandboxSpec } from '../../driver.ts';
import { hostRoot } from '../../image/host/host-root.ts';
import type { CgroupTree } from '../cgroup/cgroup-tree.ts';
import type { PodGroups } from '../cgroup/pod-groups.ts';
import type { LauncherName } from '../launch/launchers.ts';
import { linuxLayout, runtimeState } from '../linux-layout.ts';
import type { LinuxRecord } from '../linux-record.ts';
import { cgroupLimits } from '../oci/cgroup-limits.ts';
import type { LaunchMachine } from '../oci/plan-container.ts';
import { writePodEtc } from '../pod-etc.ts';
import { makePodPlace, mustRun, removePodPlace } from '../pod-places.ts';
import { prepareLaunch } from '../prepare-launch.ts';

export type TrialPlace = {
  /** The pods' directory. */
  readonly root: string;
  readonly tree: CgroupTree;
  readonly groups: PodGroups;
  readonly machine: LaunchMachine;
  readonly clock: Clock;
  /** Whether containers write to memory. */
  readonly inMemory: boolean;
};

export type LauncherVerdict = {
  readonly launcher: LauncherName;
  readonly works: boolean;
  /** Why it does not; '' when it does. */
  readonly said: string;
  /** Whether system calls were filtered. */
  readonly filters: boolean;
};

const WORD = 'trial-passed';
const PROGRAM = `echo ${WORD}; cat /proc/self/status; touch /tmp/written && cat /proc/self/cgroup >/dev/null`;
const MEMORY_BYTES = 128 * 1024 * 1024;

/**
 * Runs a throw-away pod with namespaces, root, groups and limits of its own, exactly as a real one but for its network's cable.
 * What happens, not what a version says, is the answer.
 */
export async function tryLauncher(launcher: LauncherName, place: TrialPlace): Promise<LauncherVerdict> {
  const { root, groups, clock } = place;
  const podUid = `trial-${launcher}`;
  try {
    await clear(place, podUid);
    const output = await run(launcher, place, podUid);
    return { launcher, works: true, said: '', filters: /^Seccomp:\s*2$/m.test(output) };
  } catch (thrown) {
    return { launcher, works: false, said: messageOf(thrown).slice(0, limits.toolWordsMax), filters: false };
  } finally {
    // CRASH: a trial's pod has no record; whoever opens next takes it away.
    await clear({ root, groups, clock }, podUid).catch(() => undefined);
  }
}

async function run(launcher: LauncherName, place: TrialPlace, podUid: string): Promise<string> {
  const { root, tree, groups, machine, clock, inMemory } = place;
  const layout = linuxLayout(root, podUid);
  const spec: SandboxSpec = { podUid, namespace: 'trial', name: podUid, hostname: podUid, ports: [] };
  await makePodPlace({ root, clock }, spec);
  const netns = join(layout.namespaces, 'net');
  writeFileSync(netns, '', { mode: 0o600 });
  await mustRun({ program: 'unshare', args: [`--net=${netns}`, 'true'], clock });
  writePodEtc(root, spec, '127.0.0.1');
  groups.createPod(podUid, cgroupLimits(RESOURCES, limits.podProcessesMax));
  mkdirSync(runtimeState(root, launcher), { recursive: true, mode: 0o700 });
  const record: LinuxRecord = { podUid, bootId: bootId(), podIP: '127.0.0.1', netns, spec, limitations: [] };
  const image = hostRoot(join(layout.directory, 'image'));
  const container = containerOf(podUid);
  mkdirSync(containerDirectory(root, container), { recursive: true, mode: 0o700 });
  const prepared = prepareLaunch({
    ...{ spec: container, record, records: [], image, launcher, machine, groups, root, hidden: tree.hidden },
    inMemory,
  });
  if (!prepared.ok) throw failed(prepared.refusal.message);
  const [program = '', ...args] = prepared.launch.argv;
  const { exitCode, output, said } = await runProgram({ program, args, timeoutMs: timings.trialMs, clock });
  if (exitCode === 0 && output.startsWith(WORD)) return output;
  throw failed(said.trim().split('\n').at(-1) || `the trial ended with code ${exitCode}`);
}

async function clear(
  { root, groups, clock }: Pick<TrialPlace, 'root' | 'groups' | 'clock'>,
  podUid: string,
): Promise<void> {
  await groups.removePod(podUid);
  await removePodPlace({ root, clock }, podUid);
  const { id } = containerOf(podUid);
  for (const launcher of ['crun', 'runc'])
    rmSync(join(runtimeState(root, launcher), id), { recursive: true, force: true });
  await removeTree(linuxLayout(root, podUid).directory);
}

const failed = (message: string): WorldError => new WorldError('TRIAL_FAILED', message);

const RESOURCES = {
  cpuRequestMillis: 100,
  cpuLimitMillis: 1000,
  memoryRequestBytes: null,
  memoryLimitBytes: MEMORY_BYTES,
} as const;

function containerOf(podUid: string): ContainerSpec {
  return {
    id: containerIdOf(podUid, 'trial', 0),
    ...{ podUid, container: 'trial', attempt: 0, image: 'host' },
    ...{ command: ['/bin/sh', '-c', PROGRAM], args: [], env: [], workingDir: null, mounts: [] },
    ...{ stdin: false, tty: false, user: null, group: null, cpuLimitMillis: 1000 },
    memoryLimitBytes: MEMORY_BYTES,
  };
}
