import type { FieldPath, Finding } from './finding.ts';
import { FindingList } from './finding-list.ts';
import type { ObjectMeta, PodSecurityContext, PodSpec, SecurityContext } from './types.gen.ts';

/** Source: Kubernetes Pod Security Standards, level `baseline`, as pod-security-admission v1.36 checks it. */
const CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const SELINUX_TYPES: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

/** What concerns a pod alone; kubelet allows the same without being told to. */
export const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

type Report = (path: FieldPath, why: string) => void;

/**
 * What of a pod reaches into the host, by the level `baseline`. `at`: the path of the spec in its object (podSpecOf gives both).
 * `metadata`: the pod's or the template's, for AppArmor's old annotations.
 */
export function checkPodSecurity(
  spec: PodSpec,
  at: FieldPath,
  metadata?: Pick<ObjectMeta, 'annotations'> | undefined,
): readonly Finding[] {
  const list = new FindingList();
  const report: Report = (path, why) =>
    list.add(
      'error',
      'needs-host-access',
      [...at, ...path],
      `${why}; the machine's owner can allow it with --allow-host-access`,
    );
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
    if (spec[field] === true) report([field], "shares the host's namespace");
  for (const [index, { hostPath }] of (spec.volumes ?? []).entries())
    if (hostPath !== undefined) report(['volumes', index, 'hostPath'], "opens the host's files to the pod");
  checkContext(spec.securityContext, ['securityContext'], report);
  for (const [index, { name }] of (spec.securityContext?.sysctls ?? []).entries())
    if (!SAFE_SYSCTLS.has(name.replaceAll('/', '.')))
      report(['securityContext', 'sysctls', index], `sets ${name}, which the host shares`);
  if (spec.securityContext?.windowsOptions?.hostProcess === true)
    report(['securityContext', 'windowsOptions', 'hostProcess'], 'runs on the host');
  for (const field of LISTS)
    for (const [index, container] of (spec[field] ?? []).entries()) {
      checkContext(container.securityContext, [field, index, 'securityContext'], report);
      checkContainer(container.securityContext, [field, index, 'securityContext'], report);
      for (const [portAt, { hostPort = 0 }] of (container.ports ?? []).entries())
        if (hostPort !== 0) report([field, index, 'ports', portAt, 'hostPort'], 'takes a port of the host');
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        checkProbeHost(container[probe], [field, index, probe], report);
      checkProbeHost(container.lifecycle?.postStart, [field, index, 'lifecycle', 'postStart'], report);
      checkProbeHost(container.lifecycle?.preStop, [field, index, 'lifecycle', 'preStop'], report);
    }
  for (const [key, profile] of Object.entries(metadata?.annotations ?? {}))
    if (key.startsWith(APPARMOR_ANNOTATION) && !/^(runtime\/default|localhost\/.*|)$/.test(profile))
      list.add(
        'error',
        'needs-host-access',
        [...at.slice(0, -1), 'metadata', 'annotations', key],
        "takes off AppArmor's profile; the machine's owner can allow it with --allow-host-access",
      );
  return list.findings();
}

/** What a pod and a container can both set. */
function checkContext(
  context: PodSecurityContext | SecurityContext | undefined,
  path: FieldPath,
  report: Report,
): void {
  if (context?.seccompProfile?.type === 'Unconfined')
    report([...path, 'seccompProfile', 'type'], 'takes off the filter of system calls');
  if (context?.appArmorProfile?.type === 'Unconfined')
    report([...path, 'appArmorProfile', 'type'], "takes off AppArmor's profile");
  const { type = '', user = '', role = '' } = context?.seLinuxOptions ?? {};
  if (!SELINUX_TYPES.has(type)) report([...path, 'seLinuxOptions', 'type'], `is the SELinux type ${type}`);
  if (user !== '') report([...path, 'seLinuxOptions', 'user'], 'sets an SELinux user');
  if (role !== '') report([...path, 'seLinuxOptions', 'role'], 'sets an SELinux role');
}

function checkContainer(context: SecurityContext | undefined, path: FieldPath, report: Report): void {
  if (context === undefined) return;
  if (context.privileged === true) report([...path, 'privileged'], "has all the host's powers");
  if (context.windowsOptions?.hostProcess === true)
    report([...path, 'windowsOptions', 'hostProcess'], 'runs on the host');
  if (context.procMount !== undefined && context.procMount !== '' && context.procMount !== 'Default')
    report([...path, 'procMount'], "shows the host's part of /proc");
  for (const [index, name] of (context.capabilities?.add ?? []).entries())
    if (!CAPABILITIES.has(name)) report([...path, 'capabilities', 'add', index], `is the capability ${name}`);
}

/** Since 1.34 the level also forbids probes and hooks that name a host: they run in the node's network. */
function checkProbeHost(
  handler:
    | {
        readonly httpGet?: { readonly host?: string | undefined } | undefined;
        readonly tcpSocket?: { readonly host?: string | undefined } | undefined;
      }
    | undefined,
  path: FieldPath,
  report: Report,
): void {
  for (const field of ['httpGet', 'tcpSocket'] as const) {
    const host = handler?.[field]?.host ?? '';
    if (host !== '') report([...path, field, 'host'], 'is reached from the network of the host');
  }
}
