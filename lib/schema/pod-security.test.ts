import test from 'ava';
import { fieldPathText } from './finding.ts';
import { checkPodSecurity } from './pod-security.ts';
import type { PodSpec } from './types.gen.ts';

const container = { name: 'a', image: 'host' };
const cases: Record<string, { spec: Partial<PodSpec>; expected: readonly string[] }> = {
  'an ordinary pod': {
    spec: {
      volumes: [{ name: 'a', emptyDir: {} }],
      securityContext: {
        seccompProfile: { type: 'RuntimeDefault' },
        sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
      },
      containers: [
        {
          ...container,
          ports: [{ containerPort: 80 }],
          securityContext: { privileged: false, capabilities: { add: ['CHOWN'], drop: ['ALL'] } },
        },
      ],
    },
    expected: [],
  },
  'the namespaces of the host': {
    spec: { hostNetwork: true, hostPID: true, hostIPC: true },
    expected: ['spec.hostNetwork', 'spec.hostPID', 'spec.hostIPC'],
  },
  'the files of the host': {
    spec: { volumes: [{ name: 'a', hostPath: { path: '/' } }] },
    expected: ['spec.volumes[0].hostPath'],
  },
  'powers of a container, of every sort of container': {
    spec: {
      initContainers: [{ ...container, securityContext: { privileged: true } }],
      containers: [
        {
          ...container,
          ports: [{ containerPort: 80, hostPort: 80 }],
          securityContext: {
            procMount: 'Unmasked',
            capabilities: { add: ['KILL', 'SYS_ADMIN', 'ALL'] },
            seccompProfile: { type: 'Unconfined' },
            seLinuxOptions: { type: 'spc_t', user: 'u' },
            appArmorProfile: { type: 'Unconfined' },
          },
        },
      ],
      ephemeralContainers: [{ ...container, securityContext: { capabilities: { add: ['NET_RAW'] } } }],
    },
    expected: [
      'spec.initContainers[0].securityContext.privileged',
      'spec.containers[0].securityContext.seccompProfile.type',
      'spec.containers[0].securityContext.appArmorProfile.type',
      'spec.containers[0].securityContext.seLinuxOptions.type',
      'spec.containers[0].securityContext.seLinuxOptions.user',
      'spec.containers[0].securityContext.procMount',
      'spec.containers[0].securityContext.capabilities.add[1]',
      'spec.containers[0].securityContext.capabilities.add[2]',
      'spec.containers[0].ports[0].hostPort',
      'spec.ephemeralContainers[0].securityContext.capabilities.add[0]',
    ],
  },
  'settings of the host’s kernel': {
    spec: {
      securityContext: {
        sysctls: [
          { name: 'kernel.shmmax', value: '1' },
          { name: 'net/ipv4/tcp_rmem', value: '1' },
        ],
      },
    },
    expected: ['spec.securityContext.sysctls[0]'],
  },
  'a probe of another host': {
    spec: {
      containers: [{ ...container, livenessProbe: { httpGet: { port: 80, host: '169.254.169.254' } } }],
    },
    expected: ['spec.containers[0].livenessProbe.httpGet.host'],
  },
};
for (const [title, { spec, expected }] of Object.entries(cases))
  test(`baseline: ${title}`, (t) => {
    const findings = checkPodSecurity({ containers: [container], ...spec }, ['spec']);
    t.deepEqual(
      findings.map(({ path }) => fieldPathText(path)),
      [...expected],
    );
    t.true(findings.every(({ ruleId, severity }) => ruleId === 'needs-host-access' && severity === 'error'));
  });

test('the message names the flag that allows it', (t) => {
  const [finding] = checkPodSecurity({ containers: [container], hostPID: true }, [
    'spec',
    'template',
    'spec',
  ]);
  t.is(fieldPathText(finding?.path ?? []), 'spec.template.spec.hostPID');
  t.regex(finding?.message ?? '', /--allow-host-access/);
});

test('an old annotation takes off AppArmor too', (t) => {
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' };
  const [finding] = checkPodSecurity({ containers: [container] }, ['spec', 'template', 'spec'], {
    annotations,
  });
  t.is(finding?.path[3], 'annotations');
});
