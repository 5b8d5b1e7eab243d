import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Kubectl, kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { type KubectlSession, kubectlSession } from '../../testing/kubectl-session.ts';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

/** Answers over HTTP at the pod's own address, and tells the time of its life to whoever is attached. */
const SERVER = `
const body = 'x'.repeat(3_000_000);
require('node:http').createServer((request, response) => response.end(request.url === '/large' ? body : 'served')).listen(Number(process.env.PORT), process.env.POD_IP);
console.log('begun');
process.stdin.on('data', (chunk) => process.stdout.write('heard ' + chunk));
`;
const pod = (
  name: string,
  containers: readonly object[],
  annotations: Readonly<Record<string, string>> = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations },
  spec: { terminationGracePeriodSeconds: 0, containers },
});
const sleeper = (name: string) => ({
  name,
  image: 'host',
  command: ['sh', '-c', `echo ${name}; sleep 1000`],
});
const box = pod('box', [
  {
    name: 'main',
    image: 'host',
    command: ['node', '-e', SERVER],
    stdin: true,
    ports: [{ containerPort: 8080 }],
    env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
  },
]);
const two = pod('two', [sleeper('first'), sleeper('second')], {
  'kubectl.kubernetes.io/default-container': 'second',
});
const ended = pod('over', [{ name: 'main', image: 'host', command: ['true'] }]);
const over = { ...ended, spec: { ...ended.spec, restartPolicy: 'Never' } };

type Step = {
  readonly run: readonly string[];
  readonly stdin?: string;
  readonly code?: number;
  readonly prints?: RegExp;
  readonly complains?: RegExp;
};
const sh = (script: string): readonly string[] => ['--', 'sh', '-c', script];

const steps: readonly Step[] = [
  { run: ['exec', 'box', '--', 'echo', 'a b', 'c'], prints: /^a b c\n$/ },
  { run: ['exec', 'box', ...sh('echo out; echo err >&2')], prints: /^out\n$/, complains: /^err$/m },
  { run: ['exec', 'box', ...sh('exit 3')], code: 3, complains: /command terminated with exit code 3/ },
  { run: ['exec', 'box', ...sh('kill -9 $$')], code: 137, complains: /exit code 137/ },
  {
    run: ['exec', 'box', '--', 'no-such-program'],
    code: 127,
    complains: /"no-such-program": executable file not found/,
  },
  { run: ['exec', '-i', 'box', '--', 'cat'], stdin: 'over there', prints: /^over there$/ },
  { run: ['exec', '-i', 'box', '--', 'cat'], stdin: '', prints: /^$/ },
  { run: ['exec', '-i', 'box', '--', 'head', '-c', '3'], stdin: 'x'.repeat(500_000), prints: /^xxx$/ },
  { run: ['exec', 'box', ...sh('head -c 3000000 /dev/zero | tr "\\0" y')], prints: /^y{3000000}$/ },
  { run: ['exec', 'two', '--', 'echo', 'x'], prints: /^x\n$/ },
  { run: ['exec', 'two', '-c', 'first', '--', 'echo', 'x'], prints: /^x\n$/ },
  {
    run: ['exec', 'two', '-c', 'third', '--', 'true'],
    code: 1,
    complains: /container (not found|third is not valid)/,
  },
  { run: ['exec', 'none', '--', 'true'], code: 1, complains: /pods "none" not found/ },
  {
    run: ['exec', 'over', '--', 'true'],
    code: 1,
    complains: /cannot exec (into a container )?in a completed pod/,
  },
  { run: ['exec', 'box', '--as', 'ann', '--', 'true'], code: 1, complains: /Forbidden|cannot get resource/ },
];

const binaries = kubectlBinaries();
if (binaries.length === 0) {
  test.skip('kubectl: there is none on this machine (KUBECTL, PATH)', () => undefined);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

type Client = {
  readonly run: Kubectl;
  readonly directory: string;
  session(
    args: readonly string[],
    terminal?: { readonly columns: number; readonly rows: number },
  ): KubectlSession;
};

async function client(t: ExecutionContext, binary: string): Promise<Client> {
  const daemon = await realDaemon(t);
  const home = join(daemon.directory, 'home');
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await mkdir(home);
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const of = { binary, home, kubeconfig, namespace: 'play' };
  const run = kubectl(of);
  await run(['create', 'namespace', 'play']);
  for (const each of [box, two, over]) {
    const made = await run(['create', '-f', '-'], { stdin: JSON.stringify(each) });
    t.is(made.code, 0, made.stderr);
  }
  const ready = await run(['wait', '--for=condition=Ready', 'pod/box', 'pod/two', '--timeout=60s']);
  t.is(
    ready.code,
    0,
    `${ready.stderr}${(await run(['describe', 'pods'])).stdout}${(await run(['logs', 'box'])).stdout}`,
  );
  const gone = await run(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/over', '--timeout=60s']);
  t.is(gone.code, 0, gone.stderr);
  return {
    run,
    directory: daemon.directory,
    session: (args, terminal) => kubectlSession(t, { ...of, args, ...(terminal && { terminal }) }),
  };
}

const says = (session: KubectlSession, what: RegExp): Promise<void> =>
  until(() => what.test(session.text()), {
    what: `kubectl to say ${what}, and not ${session.text().slice(0, 300)}`,
  });

for (const binary of binaries) {
  test.serial(`${basename(binary)}: exec, attach, cp and port-forward`, async (t) => {
    const { run, directory, session } = await client(t, binary);
    for (const { run: args, stdin = '', code = 0, prints, complains } of steps) {
      const result = await run(args, { stdin });
      const told = `kubectl ${args.join(' ')}\n${result.stdout.slice(0, 1000)}\n${result.stderr}`;
      t.is(result.code, code, told);
      if (prints !== undefined) t.regex(result.stdout, prints, told);
      if (complains !== undefined) t.regex(result.stderr, complains, told);
    }
    await terminal(t, session);
    await copies(t, run, directory);
    await forwards(t, session);
    await proxies(t, run);
    await attaches(t, session);
    await runs(t, run, session);
    await leaves(t, run, session);
  });
}

async function terminal(t: ExecutionContext, session: Client['session']): Promise<void> {
  const one = session(['exec', '-it', 'box', '--', 'sh'], { columns: 91, rows: 33 });
  one.write('echo at-$((40 + 2)); test -t 0 && echo is-a-$((1 + 1))-terminal\r');
  await says(one, /at-42\s+is-a-2-terminal/);
  await until(
    () => {
      one.write('stty size\r');
      return one.text().includes('33 91');
    },
    { what: 'the first size' },
  );
  one.resize({ columns: 77, rows: 22 });
  await until(
    () => {
      one.write('stty size\r');
      return one.text().includes('22 77');
    },
    { what: 'the second size' },
  );
  // Ctrl-C ends what runs there, not kubectl.
  one.write('sleep 1000; echo over-$((2 + 2))\r');
  await says(one, /sleep 1000/);
  await until(
    () => {
      one.write('\x03');
      return one.text().includes('^C');
    },
    { what: 'the interruption' },
  );
  await until(
    () => {
      one.write('echo again-$((2 + 3))\r');
      return one.text().includes('again-5');
    },
    { what: 'the prompt' },
  );
  t.false(one.text().includes('over-4'));
  one.write('exit 5\r');
  t.is(await one.exited(), 5);
}

async function copies(t: ExecutionContext, run: Kubectl, directory: string): Promise<void> {
  const from = join(directory, 'from');
  await mkdir(join(from, 'deep', 'er'), { recursive: true });
  const large = randomFillSync(Buffer.alloc(20 * 1024 * 1024));
  await writeFile(join(from, 'large.bin'), large);
  await writeFile(join(from, 'deep', 'er', 'text'), 'words\n');
  const there = await run(['cp', from, 'box:copied']);
  t.is(there.code, 0, there.stderr);
  const sum = await run(['exec', 'box', '--', 'sha256sum', 'copied/large.bin']);
  t.is(sum.stdout.split(' ')[0], sha(large));
  const back = await run(['cp', 'box:copied', join(directory, 'back')]);
  t.is(back.code, 0, back.stderr);
  t.is(sha(await readFile(join(directory, 'back', 'large.bin'))), sha(large));
  t.is(await readFile(join(directory, 'back', 'deep', 'er', 'text'), 'utf8'), 'words\n');
}

async function forwards(t: ExecutionContext, session: Client['session']): Promise<void> {
  const port = await freePort();
  const one = session(['port-forward', 'box', `${port}:8080`]);
  await says(one, /Forwarding from 127\.0\.0\.1/);
  const texts = await Promise.all(
    ['', 'large', 'large', '', ''].map(async (path) =>
      (await fetch(`http://127.0.0.1:${port}/${path}`)).text(),
    ),
  );
  t.deepEqual(
    texts.map((text) => text.length),
    [6, 3_000_000, 3_000_000, 6, 6],
  );
  one.kill();
  await one.exited();
  const closed = await freePort();
  const two = session(['port-forward', 'box', `${closed}:9`]);
  await says(two, /Forwarding from 127\.0\.0\.1/);
  await t.throwsAsync(fetch(`http://127.0.0.1:${closed}/`));
  await says(two, /error forwarding port 9 to pod box/);
  two.kill();
}

/** Under `process` the pod's own port is another one; the proxy finds it. */
async function proxies(t: ExecutionContext, run: Kubectl): Promise<void> {
  const large = await run(['get', '--raw', '/api/v1/namespaces/play/pods/box:8080/proxy/large']);
  t.is(large.stdout.length, 3_000_000, large.stderr);
  const closed = await run(['get', '--raw', '/api/v1/namespaces/play/pods/box:9/proxy/']);
  t.is(closed.code, 1);
  t.regex(closed.stderr, /ServiceUnavailable|currently unable|error trying to reach service/);
}

async function attaches(t: ExecutionContext, session: Client['session']): Promise<void> {
  const one = session(['attach', '-i', 'box']);
  await until(
    () => {
      one.write('you\n');
      return one.text().includes('heard you');
    },
    { what: 'an answer' },
  );
  one.kill('SIGINT');
  await one.exited();
  t.pass();
}

async function runs(t: ExecutionContext, run: Kubectl, session: Client['session']): Promise<void> {
  const fine = await run(['run', 'once', '-i', '--rm', '--restart=Never', '--image=host', '--', 'cat'], {
    stdin: 'through a pod\n',
  });
  t.is(fine.code, 0, fine.stderr);
  t.regex(fine.stdout, /^through a pod$/m);
  t.regex(fine.stdout, /pod "once" deleted/);
  const failed = await run([
    'run',
    'fails',
    '-i',
    '--rm',
    '--restart=Never',
    '--image=host',
    ...sh('cat; exit 4'),
  ]);
  t.is(failed.code, 4, failed.stderr);
  const shell = session(['run', 'shell', '-it', '--rm', '--restart=Never', '--image=host', '--', 'sh'], {
    columns: 88,
    rows: 44,
  });
  await until(
    () => {
      shell.write('stty size\r');
      return shell.text().includes('44 88');
    },
    { what: 'its terminal' },
  );
  shell.write('exit 6\r');
  t.is(await shell.exited(), 6, shell.text());
  t.regex(shell.text(), /pod "shell" deleted/);
}

/** A client that is killed takes its command along. */
async function leaves(t: ExecutionContext, run: Kubectl, session: Client['session']): Promise<void> {
  const one = session(['exec', '-i', 'box', ...sh('echo "me: $$"; exec sleep 12345')]);
  await says(one, /me: \d+/);
  const pid = /me: (\d+)/.exec(one.text())?.[1] ?? '';
  one.kill('SIGKILL');
  await until(async () => (await run(['exec', 'box', ...sh(`kill -0 ${pid}`)])).code !== 0, {
    what: 'the command to end',
  });
  t.pass();
}
