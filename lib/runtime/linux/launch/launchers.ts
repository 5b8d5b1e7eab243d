import { quote } from '../../agent/entering.ts';
import type { IsolatedExec } from '../../agent/isolated.ts';
import type { ContainerGroups } from '../cgroup/pod-groups.ts';
import { runtimeState } from '../linux-layout.ts';
import type { ContainerPlan } from '../oci/container-plan.ts';
import { type OciSpec, ociSpec } from '../oci/oci-spec.ts';

/** Best first. */
export const launcherNames = ['crun', 'runc', 'util-linux'] as const;
export type LauncherName = (typeof launcherNames)[number];
export type OciRuntime = Exclude<LauncherName, 'util-linux'>;

/** How an OCI runtime is made to run a container in the foreground, and to bring a command into it. */
export type OciLaunch = {
  readonly config: OciSpec;
  readonly become: readonly string[];
  readonly exec: IsolatedExec;
  readonly stateDirectory: string;
  /** cgroup.procs files to be in before it starts, and directories that it is not to see. */
  readonly join: readonly string[];
  readonly hidden: readonly string[];
  readonly oomFile: string | null;
};

/**
 * Limits are the groups' above the launcher's own; only devices are its to guard. runc keeps its group when the container has ended
 * (`--keep`), with the count of who was killed for want of memory. crun takes it away, so on version 1 that count is to be had
 * from our own group only, which it joins instead: it is small enough for that.
 */
export function ociLaunch(of: {
  readonly runtime: OciRuntime;
  readonly id: string;
  readonly plan: ContainerPlan;
  readonly groups: ContainerGroups;
  /** The pods' directory. */
  readonly root: string;
  readonly bundle: string;
  /** Of the machine's tree: see there. */
  readonly hidden: readonly string[];
  /** Where the first process's id is written. */
  readonly pidFile: string;
}): OciLaunch {
  const { runtime, id, plan, groups, bundle } = of;
  const spec = ociSpec({ ...plan, cgroupPath: groups.launcherPath });
  const { devices } = spec.linux.resources;
  const config = {
    ...spec,
    linux: { ...spec.linux, resources: { devices } as OciSpec['linux']['resources'] },
  };
  const state = runtimeState(of.root, runtime);
  const argv = [runtime, '--root', state, '--log', `${bundle}/launcher.log`];
  const keeps = runtime === 'runc';
  const run = [
    ...argv,
    'run',
    ...(keeps ? ['--keep'] : []),
    '--bundle',
    bundle,
    '--pid-file',
    of.pidFile,
    id,
  ];
  const join = keeps ? [] : groups.hiddenProcs;
  return {
    config,
    become: [`exec ${run.map(quote).join(' ')}`],
    exec: { kind: 'oci', argv, container: id, process: { ...config.process }, join },
    stateDirectory: `${state}/${id}`,
    ...{ join, hidden: keeps ? [] : of.hidden },
    oomFile: keeps ? groups.launcherOomFile : groups.oomFile,
  };
}
