import { createServer, type Server } from 'node:net';
import test from 'ava';
import { isPodListening, readListeners } from './pod-listener.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, state: string, uid: number): string =>
  `${head}   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 5272382 1 0 100 0 0 10 0\n`;
const pod = { podIP: '127.97.0.2', port: 8080, user: 1_953_915_754 };
const six = '0'.repeat(32);

const rows = [
  { title: 'at its address', table: row('0200617F:1F90', '0A', pod.user), listens: true },
  { title: 'at every address', table: row('00000000:1F90', '0A', pod.user), listens: true },
  { title: 'at every address, of both families', table: row(`${six}:1F90`, '0A', pod.user), listens: true },
  {
    title: 'at its address, in the other family',
    table: row('0000000000000000FFFF00000200617F:1F90', '0A', pod.user),
    listens: true,
  },
  { title: 'the machine at every address', table: row('00000000:1F90', '0A', 0), listens: false },
  { title: 'another pod at every address', table: row(`${six}:1F90`, '0A', pod.user + 1), listens: false },
  { title: 'another pod at its own', table: row('0300617F:1F90', '0A', pod.user + 1), listens: false },
  { title: 'at another port', table: row('0200617F:1F91', '0A', pod.user), listens: false },
  { title: 'a connection only', table: row('0200617F:1F90', '01', pod.user), listens: false },
  { title: 'nobody', table: head, listens: false },
] as const;

for (const { title, table, listens } of rows) {
  test(`${listens ? 'the pod listens' : 'the pod does not listen'}: ${title}`, (t) => {
    t.is(isPodListening(table, pod), listens);
  });
}

const listening = async (host: string): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, host, resolve);
  await promise;
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
};

test('what this machine says is understood', async (t) => {
  const tables = await readListeners();
  if (tables === null) return t.pass('it says nothing');
  const user = process.getuid?.() ?? 0;
  for (const host of ['0.0.0.0', '127.97.200.200', '::']) {
    const { server, port } = await listening(host);
    const now = (await readListeners()) ?? '';
    t.true(isPodListening(now, { podIP: '127.97.200.200', port, user }), host);
    t.is(isPodListening(now, { podIP: '127.97.200.200', port, user: user + 1 }), host.startsWith('127'));
    server.close();
  }
});
