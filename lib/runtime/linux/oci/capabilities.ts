import { type Resolved, resolved, unresolved } from '../../references.ts';

/** In the kernel's order: a capability's place is its bit. Source: linux/capability.h, capabilities(7). */
export const CAPABILITIES = `
  CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
  CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER
  CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE
  CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP
  CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF
  CAP_CHECKPOINT_RESTORE
`
  .trim()
  .split(/\s+/);

/** What root in a container has that asks for nothing. Source: the default of container engines under Kubernetes. */
export const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]);

/** Those of a mask as /proc/PID/status has it (`CapBnd`), in hexadecimal. */
export function capabilitiesOfMask(hex: string): readonly string[] {
  const mask = /^[0-9a-f]{1,16}$/i.test(hex) ? BigInt(`0x${hex}`) : 0n;
  return CAPABILITIES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}

const ALL = 'ALL';

/** `net_admin`, `NET_ADMIN` and `CAP_NET_ADMIN` are one. */
function nameOf(written: string): string {
  const upper = written.toUpperCase();
  return upper === ALL || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/**
 * What a container is left with, in the kernel's order: `ALL` counts first, then what is added by name, then what is dropped by
 * name; so `drop: [ALL], add: [X]` is X alone. Source: CRI implementations' reading of Capabilities.
 */
export function containerCapabilities(wanted: {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}): Resolved<readonly string[]> {
  if (wanted.privileged) return resolved(CAPABILITIES);
  const [add, drop] = [wanted.add.map(nameOf), wanted.drop.map(nameOf)];
  const unknown = [...add, ...drop].find((name) => name !== ALL && !CAPABILITIES.includes(name));
  if (unknown !== undefined) return unresolved(`There is no capability ${JSON.stringify(unknown)}.`);
  const kept = new Set(startOf(add, drop));
  for (const name of add) if (name !== ALL) kept.add(name);
  for (const name of drop) kept.delete(name);
  return resolved(CAPABILITIES.filter((name) => kept.has(name)));
}

function startOf(add: readonly string[], drop: readonly string[]): Iterable<string> {
  if (drop.includes(ALL)) return [];
  return add.includes(ALL) ? CAPABILITIES : DEFAULT_CAPABILITIES;
}
