import { join } from 'node:path';
import type { LaunchSpec } from '../agent/launch-spec.ts';
import type { ContainerSpec } from '../driver.ts';
import { isHostImage } from './image-verdict.ts';
import { podLayout } from './pod-layout.ts';
import { type PathMapping, rewritePaths } from './rewrite-paths.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** Where programs leave their last words unless the pod names another place. Source: Kubernetes. */
export const TERMINATION_LOG = '/dev/termination-log';

/** Where programs look for their token, and, as they cannot find it there here, the variable that says where it is. */
const ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
const ACCOUNT_VARIABLE = 'KUBERNETES_SERVICE_ACCOUNT_DIRECTORY';

export type LaunchPlan = {
  readonly launch: LaunchSpec;
  /** Where the container's paths really are. */
  readonly mappings: readonly PathMapping[];
  readonly limitations: readonly string[];
};

export type LaunchPlanInput = {
  readonly spec: ContainerSpec;
  readonly sandbox: SandboxRecord;
  /** The pods' directory. */
  readonly root: string;
  /** PATH for a container that sets none. */
  readonly searchPath: string;
  /** Volumes that are the pod's own to write to: a subPath in one is made when it is not there. */
  readonly emptyVolumes: ReadonlySet<string>;
};

/** What a container's spec means without a root file system of its own. Pure. */
export function planLaunch({ spec, sandbox, root, searchPath, emptyVolumes }: LaunchPlanInput): LaunchPlan {
  const layout = podLayout(root, sandbox.podUid);
  const mounts = spec.mounts
    .filter(({ mountPath }) => mountPath.replace(/\/{1,64}$/, '') !== '')
    .map(({ mountPath, volume, subPath }): PathMapping => {
      return { from: mountPath, to: join(layout.volume(volume), subPath ?? '') };
    });
  const termination = { from: TERMINATION_LOG, to: layout.terminationFile(spec.container, spec.attempt) };
  const mappings = [...mounts, termination];
  const rewrite = (text: string): string => rewritePaths(text, mappings);
  const account = mounts.find(({ from }) => from === ACCOUNT_DIRECTORY);
  const defaults: readonly (readonly [string, string])[] = [
    ...(account === undefined ? [] : ([[ACCOUNT_VARIABLE, account.to]] as const)),
    ['PATH', searchPath],
    ['HOME', layout.work],
    ['HOSTNAME', sandbox.hostname],
  ];
  const given = new Map(spec.env.map(({ name, value }) => [name, rewrite(value)]));
  return {
    launch: {
      id: spec.id,
      argv: [...spec.command, ...spec.args].map(rewrite),
      env: [...new Map([...defaults, ...given])],
      cwd: spec.workingDir === null || spec.workingDir === '' ? layout.work : rewrite(spec.workingDir),
      user: sandbox.user,
      makeDirectories: spec.mounts.flatMap(({ volume, subPath }) =>
        subPath !== undefined && emptyVolumes.has(volume) ? [join(layout.volume(volume), subPath)] : [],
      ),
      stdin: spec.stdin,
      stdinOnce: spec.stdinOnce === true,
      tty: spec.tty,
    },
    mappings: mounts,
    limitations: containerLimitations(spec, sandbox.user),
  };
}

/** What holds for every pod of this driver, as sentences for a pod condition. */
export function sandboxLimitations(record: Pick<SandboxRecord, 'ports' | 'user'>): readonly string[] {
  const who = record.user === null ? 'the user who runs pintle' : `user ${record.user}`;
  const moved = record.ports
    .filter(([port, real]) => port !== real)
    .map(([port, real]) => `Container port ${port} listens at ${real}: the program has to read PORT.`);
  return [`Files, network and processes are this machine's own; the pod runs as ${who}.`, ...moved];
}

function containerLimitations(spec: ContainerSpec, user: number | null): readonly string[] {
  const own = user ?? process.getuid?.() ?? 0;
  const paths = spec.mounts.map(({ mountPath }) => mountPath);
  const said: string[] = [];
  if (!isHostImage(spec.image))
    said.push(`Image ${spec.image} is not used: its command runs on this machine's files.`);
  if (paths.length > 0) {
    const where =
      "lie in the pod's own directory: rewritten in command, args, env, workingDir, hooks and exec probes, not inside programs";
    said.push(`Mount paths (${paths.join(', ')}) ${where}.`);
  }
  if (paths.some((path) => path.replace(/\/{1,64}$/, '') === ''))
    said.push('A volume cannot be mounted at /.');
  if (spec.mounts.some(({ readOnly }) => readOnly))
    said.push('Read-only mounts are not kept from being written to.');
  if (spec.cpuLimitMillis !== null) said.push('The cpu limit is not enforced.');
  if (spec.memoryLimitBytes !== null) said.push('The memory limit is not enforced.');
  if (spec.user !== null && spec.user !== own)
    said.push(`runAsUser ${spec.user} is not applied: it is user ${own}.`);
  if (spec.group !== null && spec.group !== own) said.push(`runAsGroup ${spec.group} is not applied.`);
  return said.map((text) => `Container ${spec.container}: ${text}`);
}
