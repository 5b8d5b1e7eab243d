import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { realDaemon } from '../../testing/real-daemon.ts';

const pod = (spec: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec });
const container = { name: 'main', image: 'host', command: ['sleep', '1000'] };
const policy = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny' },
  spec: { podSelector: {} },
});
const bounds = JSON.stringify({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'bounds' },
  spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' }, max: { memory: '1Gi' } }] },
});

/** In order; each a command, what it must print, and what it must complain of. */
const steps: readonly {
  readonly run: string;
  readonly stdin?: string;
  readonly code?: number;
  readonly prints?: RegExp;
  readonly complains?: RegExp;
}[] = [
  {
    run: 'create -f -',
    stdin: policy,
    prints: /created$/m,
    complains: /^Warning: spec is kept, and has no effect: connections between pods are not filtered\.$/m,
  },
  { run: 'create quota most --hard=pods=1,requests.cpu=1', prints: /^resourcequota\/most created$/m },
  {
    run: 'create -f -',
    stdin: pod({ containers: [container] }),
    code: 1,
    complains: /pods "one" is forbidden: failed quota: most: must specify requests\.cpu for: main$/m,
  },
  { run: 'create -f -', stdin: bounds, prints: /created$/m },
  {
    run: 'create -f -',
    stdin: pod({ containers: [{ ...container, resources: { limits: { memory: '2Gi' } } }] }),
    code: 1,
    complains: /pods "one" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi/,
  },
  {
    run: 'create -f -',
    stdin: pod({ containers: [{ ...container, resources: { limits: { memory: '1Gi' } } }] }),
    prints: /^pod\/one created$/m,
    complains: /^Warning: Container main: The memory limit is not enforced\.$/m,
  },
  { run: 'describe quota most', prints: /^requests\.cpu +100m +1$/m },
  {
    run: 'run two --image=host --overrides={"spec":{"containers":[{"name":"main","image":"host","resources":{"limits":{"memory":"1Mi"}}}]}}',
    code: 1,
    complains: /exceeded quota: most, requested: pods=1, used: pods=1, limited: pods=1/,
  },
  { run: 'delete pod one --now', prints: /deleted/ },
  { run: 'wait --for=jsonpath={.status.used.pods}=0 quota/most --timeout=30s', prints: /condition met/ },
  { run: 'label namespace play pod-security.kubernetes.io/enforce=restricted', prints: /labeled/ },
  {
    run: 'create -f -',
    stdin: pod({ containers: [{ ...container, resources: { limits: { memory: '1Mi' } } }] }),
    code: 1,
    complains:
      /pods "one" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(container "main" must set/,
  },
  {
    run: 'create deployment web --image=host',
    prints: /created/,
    complains: /^Warning: would violate PodSecurity "restricted:latest": /,
  },
  { run: 'delete namespace kube-system', code: 1, complains: /this namespace may not be deleted/ },
];

const [binary] = kubectlBinaries().slice(-1);
const here = binary === undefined ? test.skip : test.serial;

here('kubectl hears what is refused, what is not enforced, and why', async (t) => {
  const daemon = await realDaemon(t);
  const home = join(daemon.directory, 'home');
  await mkdir(home);
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary: binary ?? '', home, kubeconfig, namespace: 'play' });
  await run(['create', 'namespace', 'play']);
  for (const { run: words, stdin = '', code = 0, prints, complains } of steps) {
    const result = await run(words.split(' '), { stdin });
    const told = `kubectl ${words}\n${result.stdout}\n${result.stderr}`;
    t.is(result.code, code, told);
    if (prints !== undefined) t.regex(result.stdout, prints, told);
    if (complains !== undefined) t.regex(result.stderr, complains, told);
  }
});
