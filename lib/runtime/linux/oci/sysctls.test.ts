import test from 'ava';
import { podSysctls, sysctlRefusal } from './sysctls.ts';

const asks = (name: string) => [{ name, value: '1' }];

for (const { title, asked, said } of [
  { title: 'a safe one', asked: { sysctls: asks('net.ipv4.tcp_syncookies') }, said: null },
  { title: 'a safe one with slashes', asked: { sysctls: asks('kernel/shm_rmid_forced') }, said: null },
  { title: 'one of the whole machine', asked: { sysctls: asks('kernel.panic') }, said: /not allowlisted/ },
  {
    title: 'one that is namespaced but not safe',
    asked: { sysctls: asks('net.core.somaxconn') },
    said: /not allowlisted/,
  },
  {
    title: 'a safe one in the machine’s network',
    asked: { sysctls: asks('net.ipv4.tcp_syncookies'), hostNetwork: true },
    said: /host net/,
  },
  {
    title: 'a safe one in the machine’s ipc',
    asked: { sysctls: asks('kernel.shm_rmid_forced'), hostIPC: true },
    said: /host ipc/,
  },
  {
    title: 'an ipc one in the machine’s network only',
    asked: { sysctls: asks('kernel.shm_rmid_forced'), hostNetwork: true },
    said: null,
  },
]) {
  test(`sysctl: ${title} is ${said === null ? 'set' : 'refused'}`, (t) => {
    const refusal = sysctlRefusal(asked);
    if (said === null) t.is(refusal, null);
    else t.regex(refusal ?? '', said);
  });
}

test('sysctl: a pod with its own network may listen below 1024 and ping without privilege, unless it says otherwise', (t) => {
  t.is(podSysctls({}).get('net.ipv4.ip_unprivileged_port_start'), '0');
  const sysctls = [{ name: 'net/ipv4/ip_unprivileged_port_start', value: '1024' }];
  t.is(podSysctls({ sysctls }).get('net.ipv4.ip_unprivileged_port_start'), '1024');
  t.is(podSysctls({ hostNetwork: true }).size, 0);
});
