import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Attach, CoreV1Api, Cp, Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const SERVER = `
require('node:http').createServer((request, response) => response.end('served')).listen(Number(process.env.PORT), process.env.POD_IP);
process.stdin.on('data', (chunk) => process.stdout.write('heard ' + chunk));
`;
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'box' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: 'host',
        command: ['node', '-e', SERVER],
        stdin: true,
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
      },
    ],
  },
};

/** A stream and the text it has got. */
function listener(): { readonly stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return { stream, text: () => text };
}

async function configured(
  t: ExecutionContext,
): Promise<{ readonly config: KubeConfig; readonly directory: string }> {
  const daemon = await realDaemon(t);
  const config = new KubeConfig();
  config.loadFromString((await daemon.run('kubeconfig')).stdout);
  const core = config.makeApiClient(CoreV1Api);
  await core.createNamespacedPod({ namespace: 'default', body: pod });
  await until(
    async () => {
      const { status } = await core.readNamespacedPod({ namespace: 'default', name: 'box' });
      return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    },
    { what: 'the pod to be ready' },
  );
  return { config, directory: daemon.directory };
}

async function executed(
  config: KubeConfig,
  command: readonly string[],
  input?: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly status: V1Status }> {
  const stdout = listener();
  const stderr = listener();
  const stdin = input === undefined ? null : new PassThrough();
  const { promise, resolve } = Promise.withResolvers<V1Status>();
  const exec = new Exec(config);
  await exec.exec(
    'default',
    'box',
    'main',
    [...command],
    stdout.stream,
    stderr.stream,
    stdin,
    false,
    resolve,
  );
  stdin?.end(input);
  const status = await promise;
  return { stdout: stdout.text(), stderr: stderr.text(), status };
}

test('@kubernetes/client-node: exec, attach, port-forward and cp', async (t) => {
  const { config, directory } = await configured(t);

  const echoed = await executed(config, ['sh', '-c', 'echo out; echo err >&2']);
  t.like(echoed, { stdout: 'out\n', stderr: 'err\n', status: { status: 'Success' } });
  const failed = await executed(config, ['sh', '-c', 'exit 7']);
  t.like(failed.status, { status: 'Failure', reason: 'NonZeroExitCode' });
  t.deepEqual(failed.status.details?.causes, [{ reason: 'ExitCode', message: '7' }]);
  t.is((await executed(config, ['cat'], 'through')).stdout, 'through');
  t.is((await executed(config, ['head', '-c', '5000000', '/dev/zero'])).stdout.length, 5_000_000);

  const heard = listener();
  const words = new PassThrough();
  const attached = await new Attach(config).attach(
    'default',
    'box',
    'main',
    heard.stream,
    null,
    words,
    false,
  );
  words.write('you\n');
  await until(() => heard.text().includes('heard you'), { what: 'an answer' });
  attached.close();

  const answer = listener();
  const trouble = listener();
  const request = new PassThrough();
  const forwarded = await new PortForward(config).portForward(
    'default',
    'box',
    [8080],
    answer.stream,
    trouble.stream,
    request,
  );
  request.write('GET / HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n');
  await until(() => answer.text().endsWith('served') || answer.text().includes('\r\nserved'), {
    what: 'the page',
  });
  t.is(trouble.text(), '');
  if ('close' in forwarded) forwarded.close();

  const from = join(directory, 'from');
  await mkdir(join(from, 'deep'), { recursive: true });
  const large = randomFillSync(Buffer.alloc(3 * 1024 * 1024));
  await writeFile(join(from, 'deep', 'large'), large);
  await executed(config, ['mkdir', 'there']);
  const cp = new Cp(config);
  await cp.cpToPod('default', 'box', 'main', from, 'there');
  const sum = createHash('sha256').update(large).digest('hex');
  await until(
    async () => (await executed(config, ['sha256sum', 'there/deep/large'])).stdout.startsWith(sum),
    { what: 'the file to be there' },
  );
  const back = join(directory, 'back');
  await cp.cpFromPod('default', 'box', 'main', 'there', back);
  await until(
    async () => {
      const bytes = await readFile(join(back, 'there', 'deep', 'large')).catch(() => Buffer.alloc(0));
      return bytes.equals(large);
    },
    { what: 'the file to be back' },
  );
});
