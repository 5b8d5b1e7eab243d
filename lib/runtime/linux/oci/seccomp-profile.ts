import { ALLOWED_CALLS, CALLS_BY_ARCHITECTURE, CALLS_BY_CAPABILITY } from './seccomp-calls.ts';

/** As the OCI runtime specification has it, `linux.seccomp`. */
export type SeccompProfile = {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly syscalls?: readonly SeccompRule[];
};
export type SeccompRule = {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
};
export type SeccompArgument = {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
};

export type Architecture = 'x64' | 'arm64';

/** The machine's own and its 32-bit programs; x32 is left out, which nothing uses and filters forget. */
const ARCHITECTURES: Readonly<Record<Architecture, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

const EPERM = 1;
const ENOSYS = 38;
const ALLOW = 'SCMP_ACT_ALLOW';
const REFUSE = 'SCMP_ACT_ERRNO';

/** Every CLONE_NEW… flag that makes a namespace. Source: linux/sched.h. */
const CLONE_NAMESPACES = 0x7e02_0000;
/** The addresses of virtual machines' hosts, which no namespace holds. Source: vsock(7). */
const AF_VSOCK = 40;
/** PER_LINUX, PER_LINUX32, with and without UNAME26, and asking for what is. Source: personality(2). */
const PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/**
 * RuntimeDefault: the calls that programs use, and no others; those that reach beyond a container only with the capability that
 * the kernel itself asks for. What is not known to a kernel or to the launcher does no harm here.
 * Source: seccomp and capabilities manual pages; the published list of what container engines block.
 */
export function defaultSeccomp(architecture: Architecture, capabilities: readonly string[]): SeccompProfile {
  const has = new Set(capabilities);
  const admin = has.has('CAP_SYS_ADMIN');
  const earned = [...CALLS_BY_CAPABILITY].flatMap(([capability, calls]) =>
    has.has(capability) ? calls : [],
  );
  const names = new Set([...ALLOWED_CALLS, ...CALLS_BY_ARCHITECTURE[architecture], ...earned]);
  return {
    defaultAction: REFUSE,
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[architecture],
    syscalls: [
      { names: [...names].sort(), action: ALLOW },
      // Two conditions of one rule must both hold, so each value is a rule.
      ...PERSONALITIES.map((value) => only('personality', { index: 0, value, op: 'SCMP_CMP_EQ' })),
      only('socket', { index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }),
      ...(admin ? [] : shieldedClone()),
    ],
  };
}

/** New processes and threads, no new namespaces. What clone3 is asked for lies in memory, where no filter looks: C libraries take clone then. */
function shieldedClone(): readonly SeccompRule[] {
  return [
    only('clone', { index: 0, value: CLONE_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
    { names: ['clone3'], action: REFUSE, errnoRet: ENOSYS },
  ];
}

function only(name: string, argument: SeccompArgument): SeccompRule {
  return { names: [name], action: ALLOW, args: [argument] };
}
