import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Pod } from '../schema/types.gen.ts';
import { kubectl } from './kubectl.ts';
import { realDaemon } from './real-daemon.ts';
import { until } from './until.ts';

/** Tells of its own start, once, and then of its life. */
const manifest = (says: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: steady
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: steady
    image: host
    command: [sh, -c, "echo ${says}; sleep 1000"]
`;

/**
 * A static pod from its file to its end, on a real machine: it runs, is seen by kubectl, outlives a deletion of its mirror and a daemon
 * that is killed, changes with its file, and ends with it. One broken file stands beside it all the time.
 */
export async function staticPodScenario(
  t: ExecutionContext,
  options: { readonly binary: string; readonly args: readonly string[] },
): Promise<void> {
  const node = 'box';
  const daemon = await realDaemon(t, { start: false });
  const directory = join(daemon.directory, 'static');
  await mkdir(directory);
  await writeFile(join(directory, 'steady.yaml'), manifest('first'));
  await writeFile(join(directory, 'broken.yaml'), 'kind: Pod\nmetadata: [');
  const start = () => daemon.start('--static-pods', directory, '--node-name', node, ...options.args);
  await start();
  const home = join(daemon.directory, 'home');
  const kubeconfig = join(daemon.directory, 'kubeconfig');
  await mkdir(home);
  const login = async (): Promise<void> => {
    await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  };
  await login();
  const run = kubectl({ binary: options.binary, home, kubeconfig, namespace: 'default' });
  const name = `steady-${node}`;
  const seen = async (): Promise<Pod | null> => {
    const { code, stdout } = await run(['get', 'pod', name, '-o', 'json']);
    return code === 0 ? (JSON.parse(stdout) as Pod) : null;
  };
  const containerOf = (pod: Pod | null): string | undefined =>
    pod?.status?.containerStatuses?.[0]?.containerID;
  const running = async (what: string, condition: (pod: Pod) => boolean = () => true): Promise<Pod> => {
    let found: Pod | null = null;
    await until(
      async () => {
        found = await seen();
        return found?.status?.phase === 'Running' && containerOf(found) !== undefined && condition(found);
      },
      { what, everyMs: 300 },
    );
    if (found === null) throw new Error(what);
    return found;
  };

  const first = await running('the static pod to run');
  t.regex((await run(['logs', name])).stdout, /first/);
  t.is((await run(['exec', name, '--', 'echo', 'inside'])).stdout, 'inside\n');
  t.regex((await daemon.run('status')).stdout, /broken\.yaml:\d+:\d+/);

  await run(['delete', 'pod', name]);
  const again = await running('its mirror to be back', ({ metadata }) => metadata.uid !== first.metadata.uid);
  t.is(containerOf(again), containerOf(first), 'deleting the mirror does nothing to the pod');

  await daemon.kill();
  await start();
  await login();
  t.is(containerOf(await running('the mirror after a restart')), containerOf(first));

  await writeFile(join(directory, 'steady.yaml'), manifest('second'));
  const second = await running('the changed pod', (pod) => containerOf(pod) !== containerOf(first));
  await until(async () => /second/.test((await run(['logs', name])).stdout), {
    what: 'its output',
    everyMs: 300,
  });
  t.not(
    second.metadata.annotations?.['kubernetes.io/config.hash'],
    first.metadata.annotations?.['kubernetes.io/config.hash'],
  );

  await rm(join(directory, 'steady.yaml'));
  await until(async () => (await seen()) === null, { what: 'the pod to be gone', everyMs: 300 });
  t.is(await readFile(join(directory, 'broken.yaml'), 'utf8'), 'kind: Pod\nmetadata: [');
  await daemon.down();
}
