import test from 'ava';
import type { Pod } from '../../schema/types.gen.ts';
import { sandboxSpecOf } from './sandbox-spec.ts';

const podOf = (spec: Partial<Pod['spec']>, name = 'web-0'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: 'u1' },
  spec: { containers: [{ name: 'main' }], ...spec },
});
const specOf = (spec: Partial<Pod['spec']>, name?: string) => {
  const made = sandboxSpecOf(podOf(spec, name));
  if (!made.ok) throw new Error(made.message);
  return made.value;
};

test('a pod that asks for nothing shares nothing, and has its own name', (t) => {
  const spec = specOf({});
  t.like(spec, { hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false });
  t.like(spec, { hostname: 'web-0', hostPorts: [], sysctls: [], terminationGraceMs: 30_000 });
  t.is(spec.qosClass, 'BestEffort');
  t.is(spec.fsGroup, undefined);
  t.is(spec.resolvConf, undefined);
});

test('names: hostname, subdomain, and the full name as the host’s name', (t) => {
  const spec = specOf({ hostname: 'db', subdomain: 'dbs' });
  t.is(spec.hostname, 'db');
  t.deepEqual(spec.hosts, { hostname: 'db', fqdn: 'db.dbs.shop.svc.cluster.local', aliases: [] });
  const full = specOf({ hostname: 'db', subdomain: 'dbs', setHostnameAsFQDN: true });
  t.is(full.hostname, 'db.dbs.shop.svc.cluster.local');
  t.is(full.hosts?.hostname, 'db');
  t.is(specOf({}, `${'a'.repeat(62)}-b`).hostname, 'a'.repeat(62));
});

test('names: a full name that the kernel would not keep is no name', (t) => {
  const pod = podOf({ subdomain: 's'.repeat(50), setHostnameAsFQDN: true });
  t.false(sandboxSpecOf(pod).ok);
});

test('host ports: those of all containers, every address of the machine as null; none in the machine’s network', (t) => {
  const ports = [
    { containerPort: 80, hostPort: 8080 },
    { containerPort: 53, hostPort: 53, hostIP: '192.0.2.1', protocol: 'UDP' },
    { containerPort: 81 },
  ];
  t.deepEqual(specOf({ containers: [{ name: 'main', ports }] }).hostPorts, [
    { hostIP: null, hostPort: 8080, containerPort: 80, protocol: 'TCP' },
    { hostIP: '192.0.2.1', hostPort: 53, containerPort: 53, protocol: 'UDP' },
  ]);
  t.deepEqual(specOf({ hostNetwork: true, containers: [{ name: 'main', ports }] }).hostPorts, []);
});

test('a pod’s limit is there only where every container has one; its requests are always summed', (t) => {
  const limited = (cpu: string, memory: string) => ({ limits: { cpu, memory }, requests: { cpu, memory } });
  const containers = [
    { name: 'a', resources: limited('100m', '64Mi') },
    { name: 'b', resources: limited('1', '1Gi') },
  ];
  t.deepEqual(specOf({ containers }).resources, {
    ...{ cpuRequestMillis: 1100, cpuLimitMillis: 1100 },
    ...{ memoryRequestBytes: 1088 * 1024 ** 2, memoryLimitBytes: 1088 * 1024 ** 2 },
  });
  t.is(specOf({ containers }).qosClass, 'Guaranteed');
  const open = specOf({ containers: [...containers, { name: 'c', resources: { limits: { cpu: '1' } } }] });
  t.like(open.resources, { cpuLimitMillis: 2100, memoryLimitBytes: null });
  const whole = specOf({ containers: [{ name: 'a' }], resources: { limits: { memory: '1Gi' } } });
  t.like(whole.resources, { cpuLimitMillis: null, memoryLimitBytes: 1024 ** 3 });
});

test('huge pages are told by their size', (t) => {
  const resources = { limits: { 'hugepages-2Mi': '4Mi', memory: '1Mi' } };
  const spec = specOf({ containers: [{ name: 'a', resources }] });
  t.deepEqual(spec.resources?.hugepages, [{ pageBytes: 2 * 1024 ** 2, limitBytes: 4 * 1024 ** 2 }]);
});

test('fsGroup and when it is applied', (t) => {
  t.like(specOf({ securityContext: { fsGroup: 7 } }), { fsGroup: 7, fsGroupChangePolicy: 'Always' });
  const securityContext = { fsGroup: 0, fsGroupChangePolicy: 'OnRootMismatch' };
  t.like(specOf({ securityContext }), { fsGroup: 0, fsGroupChangePolicy: 'OnRootMismatch' });
});

test('resolv.conf is the text for this pod where the node says how names are looked up', (t) => {
  const dns = { servers: ['10.96.0.10'], clusterDomain: 'c.example', hostResolvConf: () => '' };
  const made = sandboxSpecOf(podOf({ subdomain: 'dbs' }), dns);
  t.true(made.ok);
  if (!made.ok) return;
  t.regex(made.value.resolvConf ?? '', /^search shop\.svc\.c\.example /);
  t.is(made.value.hosts?.fqdn, 'web-0.dbs.shop.svc.c.example');
});
