import type { NodeAbility } from '../../node/node-ability.ts';
import type { LinuxTrial } from './linux-trial.ts';

export type NetworkAbilities = {
  /** Of the pods' network, now. */
  readonly troubles: readonly { readonly code: string; readonly message: string }[];
  /** What carries connections to Services; null: not known yet. */
  readonly services:
    | { readonly by: 'nftables'; readonly keepsFlows?: string }
    | { readonly by: 'proxy'; readonly why: string }
    | null;
};

/** What pods have on a machine by its trial, and by how its network is now. */
export function linuxAbilities(
  trial: LinuxTrial,
  { troubles, services }: NetworkAbilities,
): readonly NodeAbility[] {
  const { launcher, verdicts, cgroups } = trial;
  if (launcher === null) return [launcherAbility(trial)];
  const isRuntime = launcher !== 'util-linux';
  const filters = verdicts.find((verdict) => verdict.launcher === launcher)?.filters === true;
  const trouble = troubles[0];
  return [
    launcherAbility(trial),
    yes('PodAddresses', 'Bridge', 'Every pod has a network and an address of its own.'),
    trouble === undefined
      ? yes('PodRouting', 'Routed', 'Pods reach the network of this machine.')
      : no('PodRouting', trouble.code, troubles.map(({ message }) => `${message}.`).join(' ')),
    ...servicesAbility(services),
    rootAbility(trial),
    yes('Limits', `Cgroup${cgroups.toUpperCase()}`, 'Limits of cpu, memory and processes hold.'),
    filters
      ? yes(
          'SystemCallFilter',
          'Seccomp',
          'Containers make the system calls that programs need and no others.',
        )
      : no(
          'SystemCallFilter',
          isRuntime ? 'NotFiltered' : 'NoRuntime',
          `System calls are not filtered: ${whyNoRuntime(trial)}.`,
        ),
    isRuntime
      ? yes('DeviceRules', launcher, 'Containers use no device of this machine but those everybody has.')
      : no(
          'DeviceRules',
          'NoRuntime',
          `No rule guards devices, so containers cannot make any: ${whyNoRuntime(trial)}.`,
        ),
  ];
}

function rootAbility({ upper }: LinuxTrial): NodeAbility {
  const has = 'Every container has the files of its image, and writes to a layer of its own';
  if (upper?.in !== 'memory') return yes('RootFileSystems', 'Overlay', `${has}.`);
  const lost =
    'which memory holds, and which counts as its memory: the file system of the data directory cannot';
  return yes('RootFileSystems', 'OverlayInMemory', `${has}, ${lost} (${upper.why}).`);
}

function servicesAbility(services: NetworkAbilities['services']): readonly NodeAbility[] {
  if (services === null) return [];
  if (services.by === 'nftables') {
    const rules = yes('ServiceRules', 'Nftables', 'Rules of the kernel lead connections to Services.');
    if (services.keepsFlows === undefined) return [rules];
    const what = 'UDP clients of a Service that keep sending are led to a pod that is gone';
    return [rules, no('ServiceFlows', 'NotForgotten', `${what}: ${services.keepsFlows}.`)];
  }
  const cost = 'a proxy leads connections to Services, slower, and pods see them come from this machine';
  return [no('ServiceRules', 'Proxy', `Not by rules of the kernel, ${cost}: ${services.why}.`)];
}

/** Of who runs pods as process groups, and why. */
export function processAbilities(trial: LinuxTrial | null): readonly NodeAbility[] {
  const why =
    trial === null ? 'the runtime "process" was asked for' : (trial.withheld ?? whyNoRuntime(trial));
  return [
    no('PodAddresses', 'Process', `Pods share the network of this machine: ${why}.`),
    no('RootFileSystems', 'Process', `Pods run on the files of this machine: ${why}.`),
    no('Limits', 'Process', `Limits of cpu and memory do not hold: ${why}.`),
    no('SystemCallFilter', 'Process', `System calls are not filtered: ${why}.`),
  ];
}

function launcherAbility(trial: LinuxTrial): NodeAbility {
  if (trial.launcher === null) {
    return no(
      'ContainerLauncher',
      'None',
      `No container can be launched: ${trial.withheld ?? whyNoRuntime(trial)}.`,
    );
  }
  if (trial.launcher === 'util-linux') {
    return no(
      'ContainerLauncher',
      'UtilLinux',
      `util-linux launches containers, for want of crun and runc: ${whyNoRuntime(trial)}.`,
    );
  }
  return yes('ContainerLauncher', trial.launcher, `${trial.launcher} launches containers.`);
}

function whyNoRuntime({ verdicts }: LinuxTrial): string {
  const failed = verdicts.filter(({ works }) => !works);
  if (failed.length === 0) return 'util-linux was asked for';
  return failed.map(({ launcher, said }) => `${launcher}: ${said}`).join('; ');
}

const yes = (name: string, reason: string, message: string): NodeAbility => ({
  name,
  has: true,
  reason,
  message,
});
const no = (name: string, reason: string, message: string): NodeAbility => ({
  name,
  has: false,
  reason,
  message,
});
