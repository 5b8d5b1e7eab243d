import test from 'ava';
import { planInputOf } from '../../../testing/launch-plan.ts';
import { planContainer } from './plan-container.ts';

const planOf = (more: Parameters<typeof planInputOf>[0]) => {
  const verdict = planContainer(planInputOf(more));
  if (!verdict.ok) throw new Error(verdict.refusal.message);
  return verdict;
};

for (const { title, more, reason } of [
  { title: 'nothing to run', more: { spec: { command: [] } }, reason: 'CreateContainerError' },
  {
    title: 'a NUL byte in its arguments',
    more: { spec: { args: ['a\0b'] } },
    reason: 'CreateContainerError',
  },
  {
    title: 'its last words in /proc',
    more: { spec: { terminationMessagePath: '/x/../proc/1/comm' } },
    reason: 'CreateContainerError',
  },
  { title: 'block devices', more: { spec: { volumeDevices: ['disk'] } }, reason: 'CreateContainerError' },
  {
    title: 'a capability that there is not',
    more: { security: { capabilities: { add: ['FLY'], drop: [] } } },
    reason: 'CreateContainerError',
  },
  { title: 'a user that there is not', more: { image: { user: 'ghost' } }, reason: 'CreateContainerError' },
  {
    title: 'a profile that there is not',
    more: { security: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } } },
    reason: 'CreateContainerConfigError',
  },
  {
    title: 'root where none may be',
    more: { security: { runAsNonRoot: true } },
    reason: 'CreateContainerConfigError',
  },
] as const) {
  test(`a container with ${title} is refused`, (t) => {
    const verdict = planContainer(planInputOf(more));
    t.is(verdict.ok ? null : verdict.refusal.reason, reason);
  });
}

test('what the machine’s root does not have is left out, and said', (t) => {
  const machine = { capabilityMask: '000001fffeffffff' };
  const { plan, limitations } = planOf({
    machine,
    security: { capabilities: { add: ['SYS_RESOURCE'], drop: [] } },
  });
  t.false(plan.capabilities.includes('CAP_SYS_RESOURCE'));
  t.regex(limitations.join(), /CAP_SYS_RESOURCE/);
  t.deepEqual(planOf({ machine }).limitations, []);
});

test('nothing is set beyond what the machine lets be set', (t) => {
  const { plan } = planOf({
    machine: { openFilesMax: 20_000, oomScoreAdjMin: 0 },
    spec: { oomScoreAdj: -997 },
  });
  t.deepEqual(plan.openFiles, { soft: 20_000, hard: 20_000 });
  t.is(plan.oomScoreAdj, 0);
  t.is(planOf({ spec: { oomScoreAdj: -997 } }).plan.oomScoreAdj, -997);
});

test('the directory it starts in: its own, else its image’s, else the root; always from the root', (t) => {
  t.is(planOf({ spec: { workingDir: 'a/../b' }, image: { workingDir: '/i' } }).plan.cwd, '/b');
  t.is(planOf({ spec: { workingDir: '' }, image: { workingDir: '/i' } }).plan.cwd, '/i');
  t.is(planOf({}).plan.cwd, '/');
});

test('a privileged container is not held back: no masks, all devices, the machine’s cgroups', (t) => {
  const disk = { path: '/dev/sda', type: 'b', major: 8, minor: 0, fileMode: 0o660 } as const;
  const { plan } = planOf({ security: { privileged: true }, machine: { devices: [disk] } });
  t.deepEqual([plan.maskedPaths, plan.readOnlyPaths, plan.devices], [[], [], [disk]]);
  t.is(plan.namespaces.cgroup.of, 'machine');
  t.deepEqual(planOf({ machine: { devices: [disk] } }).plan.devices, []);
});

test('in the machine’s network no sysctl of the network is set', (t) => {
  const sysctls = new Map([
    ['net.ipv4.ip_unprivileged_port_start', '0'],
    ['kernel.shm_rmid_forced', '1'],
  ]);
  const { plan } = planOf({ sandbox: { network: { of: 'machine' }, sysctls } });
  t.deepEqual(plan.sysctls, [['kernel.shm_rmid_forced', '1']]);
});

test('a driver that was told nothing of security gives Kubernetes’ defaults, and the user it was told', (t) => {
  const input = planInputOf({ spec: { user: 7, group: 8 } });
  const { security: _, ...spec } = input.spec;
  const verdict = planContainer({ ...input, spec });
  if (!verdict.ok) return t.fail();
  const { plan } = verdict;
  t.like(plan.user, { uid: 7, gid: 8 });
  t.true(plan.seccomp !== null && !plan.privileged && plan.maskedPaths.length > 0);
});
