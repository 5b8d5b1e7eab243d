import test from 'ava';
import { CAPABILITIES, DEFAULT_CAPABILITIES } from './capabilities.ts';
import { ALLOWED_CALLS, CALLS_BY_CAPABILITY, NEVER_ALLOWED_CALLS } from './seccomp-calls.ts';
import { defaultSeccomp, type SeccompProfile } from './seccomp-profile.ts';

const allowed = ({ syscalls = [] }: SeccompProfile): ReadonlySet<string> =>
  new Set(
    syscalls
      .filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined)
      .flatMap(({ names }) => names),
  );
const DEFAULT = [...DEFAULT_CAPABILITIES];

// Source: the published table of significant calls that container engines block.
const BLOCKED = `
  acct add_key bpf clock_settime create_module delete_module finit_module get_kernel_syms get_mempolicy init_module ioperm
  io_uring_enter io_uring_register io_uring_setup iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount
  move_pages nfsservctl open_by_handle_at perf_event_open pivot_root query_module quotactl reboot request_key set_mempolicy
  setns settimeofday stime swapon swapoff sysfs _sysctl umount umount2 unshare uselib userfaultfd ustat vm86 vm86old
`
  .trim()
  .split(/\s+/);

for (const architecture of ['x64', 'arm64'] as const) {
  test(`${architecture}: what container engines block is blocked, what programs need is not`, (t) => {
    const profile = defaultSeccomp(architecture, DEFAULT);
    const names = allowed(profile);
    t.deepEqual(
      BLOCKED.filter((name) => names.has(name)),
      [],
    );
    for (const name of ['read', 'openat', 'execve', 'futex', 'epoll_pwait', 'chroot', 'ptrace', 'rseq'])
      t.true(names.has(name));
    t.is(names.has('arch_prctl'), architecture === 'x64');
    t.is(profile.defaultAction, 'SCMP_ACT_ERRNO');
    t.false((profile.architectures ?? []).includes('SCMP_ARCH_X32'));
  });

  test(`${architecture}: some calls are never allowed, whatever a container has`, (t) => {
    const names = allowed(defaultSeccomp(architecture, CAPABILITIES));
    t.deepEqual(
      NEVER_ALLOWED_CALLS.filter((name) => names.has(name)),
      [],
    );
  });
}

test('a capability opens its own calls, and no other ones', (t) => {
  const none = allowed(defaultSeccomp('x64', []));
  for (const [capability, calls] of CALLS_BY_CAPABILITY) {
    const opened = [...allowed(defaultSeccomp('x64', [capability]))].filter((name) => !none.has(name));
    t.deepEqual(opened, [...calls].sort(), capability);
  }
});

test('new processes, but no new namespaces, unless it is the container’s to make them', (t) => {
  const rulesOf = (capabilities: readonly string[]) =>
    (defaultSeccomp('x64', capabilities).syscalls ?? []).filter(
      ({ names }) => names[0]?.startsWith('clone') === true && names.length === 1,
    );
  const [clone, clone3] = rulesOf(DEFAULT);
  t.like(clone?.args?.[0], { index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' });
  t.like(clone3, { action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
  t.deepEqual(rulesOf(['CAP_SYS_ADMIN']), []);
});

test('no call is both for everybody and for some', (t) => {
  const all = new Set(ALLOWED_CALLS);
  t.deepEqual(
    [...CALLS_BY_CAPABILITY.values()].flat().filter((name) => all.has(name)),
    [],
  );
  t.is(all.size, ALLOWED_CALLS.length);
});
