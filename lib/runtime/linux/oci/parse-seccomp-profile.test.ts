import test from 'ava';
import { type ProfileMachine, parseSeccompProfile } from './parse-seccomp-profile.ts';

const plain: ProfileMachine = { architecture: 'x64', capabilities: [], kernelRelease: '6.1.0-13-amd64' };

const CASES: Record<
  string,
  { readonly rule: object; readonly machine?: Partial<ProfileMachine>; readonly holds: boolean }
> = {
  'a rule without conditions holds': { rule: {}, holds: true },
  'empty conditions are none': { rule: { includes: {}, excludes: {} }, holds: true },
  'for a capability that the container has': {
    rule: { includes: { caps: ['CAP_BPF'] } },
    machine: { capabilities: ['CAP_BPF'] },
    holds: true,
  },
  'not for one of two that it has not': {
    rule: { includes: { caps: ['CAP_BPF', 'CAP_KILL'] } },
    machine: { capabilities: ['CAP_BPF'] },
    holds: false,
  },
  'not with a capability that it excludes': {
    rule: { excludes: { caps: ['CAP_SYS_ADMIN', 'CAP_KILL'] } },
    machine: { capabilities: ['CAP_KILL'] },
    holds: false,
  },
  'for this architecture': { rule: { includes: { arches: ['amd64', 'x32'] } }, holds: true },
  'not for another': { rule: { includes: { arches: ['s390x'] } }, holds: false },
  'not where this one is excluded': { rule: { excludes: { arches: ['amd64'] } }, holds: false },
  'for a kernel that is new enough': { rule: { includes: { minKernel: '4.8' } }, holds: true },
  'not for an older one': {
    rule: { includes: { minKernel: '4.8' } },
    machine: { kernelRelease: '4.4.302' },
    holds: false,
  },
  'not for one that is not known': {
    rule: { includes: { minKernel: '4.8' } },
    machine: { kernelRelease: '' },
    holds: false,
  },
};

for (const [title, { rule, machine, holds }] of Object.entries(CASES))
  test(`a profile's rule: ${title}`, (t) => {
    const one = { names: ['bpf'], action: 'SCMP_ACT_ALLOW', ...rule };
    const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [one] });
    const parsed = parseSeccompProfile(text, { name: 'a', machine: { ...plain, ...machine } });
    t.is(parsed.ok ? parsed.value.syscalls?.length : -1, holds ? 1 : 0);
  });

test('architectures come from the map of container engines, where there is no list', (t) => {
  const archMap = [
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
  ];
  const of = (more: object): readonly string[] | undefined => {
    const text = JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', ...more });
    const parsed = parseSeccompProfile(text, { name: 'a', machine: plain });
    return parsed.ok ? parsed.value.architectures : undefined;
  };
  t.deepEqual(of({ archMap }), ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
  t.deepEqual(of({ architectures: ['SCMP_ARCH_X86_64'] }), ['SCMP_ARCH_X86_64']);
  t.is(of({}), undefined);
});

test('a rule of older files names one call', (t) => {
  const text =
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"mkdir","action":"SCMP_ACT_ERRNO","args":[]}]}';
  const parsed = parseSeccompProfile(text, { name: 'a', machine: plain });
  t.deepEqual(parsed.ok ? parsed.value.syscalls : null, [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }]);
});
