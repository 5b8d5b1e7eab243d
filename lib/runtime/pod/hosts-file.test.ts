import test from 'ava';
import { hostsFile } from './hosts-file.ts';

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('hosts: a pod has its address, its full name before its short one, and its aliases', (t) => {
  const hosts = {
    hostname: 'web-0',
    fqdn: 'web-0.web.shop.svc.cluster.local',
    aliases: [{ ip: '192.0.2.7', hostnames: ['a.example', 'b.example'] }],
  };
  const lines = linesOf(hostsFile(hosts, { podIP: '10.77.0.5' }));
  t.true(lines.includes('127.0.0.1\tlocalhost'));
  t.true(lines.includes('10.77.0.5\tweb-0.web.shop.svc.cluster.local\tweb-0'));
  t.is(lines.at(-1), '192.0.2.7\ta.example\tb.example');
});

test('hosts: without a subdomain the pod has its short name only', (t) => {
  const lines = linesOf(hostsFile({ hostname: 'web', fqdn: null, aliases: [] }, { podIP: '10.77.0.5' }));
  t.is(lines.at(-1), '10.77.0.5\tweb');
});

test('hosts: in the machine’s network the machine’s own file stands before the aliases', (t) => {
  const aliases = [{ ip: '192.0.2.7', hostnames: ['a.example'] }];
  const hosts = { hostname: 'web', fqdn: null, aliases };
  const lines = linesOf(hostsFile(hosts, { machineHosts: '127.0.0.1 localhost\n127.0.1.1 machine\n' }));
  t.deepEqual(lines, ['127.0.0.1 localhost', '127.0.1.1 machine', '192.0.2.7\ta.example']);
});

test('hosts: a name that would be read as a line of its own is left out', (t) => {
  const aliases = [{ ip: '192.0.2.7', hostnames: ['x\n6.6.6.6 bank.example', 'ok.example'] }];
  const text = hostsFile({ hostname: 'web', fqdn: null, aliases }, { podIP: '10.77.0.5' });
  t.false(text.includes('6.6.6.6'));
  t.true(text.includes('192.0.2.7\tok.example'));
});
