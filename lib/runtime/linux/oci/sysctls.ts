import { SAFE_SYSCTLS } from '../../../schema/pod-security.ts';
import type { SandboxSpec } from '../../driver.ts';

type Asked = Pick<SandboxSpec, 'sysctls' | 'hostNetwork' | 'hostIPC'>;

/** What a pod with a network of its own has: its programs need no privilege to listen below 1024, nor to ping. */
const POD_SYSCTLS: readonly (readonly [string, string])[] = [
  ['net.ipv4.ip_unprivileged_port_start', '0'],
  ['net.ipv4.ping_group_range', '0 2147483647'],
];

const dotted = (name: string): string => name.replaceAll('/', '.');

/**
 * Why the pod may not have a sysctl it asks for, or null. Safe are those that concern its own namespaces alone; in a namespace of
 * the machine none is. Source: kubelet, sysctl allowlist.
 */
export function sysctlRefusal({ sysctls = [], hostNetwork, hostIPC }: Asked): string | null {
  for (const { name } of sysctls) {
    const sysctl = dotted(name);
    if (!SAFE_SYSCTLS.has(sysctl)) return `forbidden sysctl: ${JSON.stringify(name)} not allowlisted`;
    const shared = sysctl.startsWith('net.') ? hostNetwork === true : hostIPC === true;
    if (!shared) continue;
    const which = sysctl.startsWith('net.') ? 'net' : 'ipc';
    return `forbidden sysctl: ${JSON.stringify(name)} not allowed with host ${which} enabled`;
  }
  return null;
}

/** What is set in the pod's namespaces, by dotted name. The caller has looked for a refusal. */
export function podSysctls({ sysctls = [], hostNetwork }: Asked): ReadonlyMap<string, string> {
  return new Map([
    ...(hostNetwork === true ? [] : POD_SYSCTLS),
    ...sysctls.map(({ name, value }) => [dotted(name), value] as const),
  ]);
}
