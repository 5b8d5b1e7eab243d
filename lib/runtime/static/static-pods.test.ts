import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isMirrorPod } from '../../schema/mirror-pod.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { NODE, type NodeWorld, nodeWorld, refOfPod, statusOf, user } from '../../testing/node-world.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import { BEHAVIOUR_ANNOTATION } from '../simulated/simulated-behaviour.ts';
import { manifestDirectory } from './manifest-directory.ts';
import type { StaticProblem } from './read-static-pods.ts';

const NAME = `web-${NODE}`;
const web = (command = 'web', more = ''): string => `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  terminationGracePeriodSeconds: 2
  containers: [{name: web, image: host, command: [${command}]}]
${more}`;

type Scene = {
  readonly world: NodeWorld;
  readonly directory: string;
  readonly problems: () => readonly StaticProblem[];
  write(name: string, text: string | null): Promise<void>;
  /** Lets time pass until it is so. */
  comes(what: string, condition: () => Promise<boolean>): Promise<void>;
};

async function scene(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<Scene> {
  const directory = join(await temporaryDirectory(t), 'static');
  await mkdir(directory);
  const write = async (name: string, text: string | null): Promise<void> => {
    if (text === null) await rm(join(directory, name));
    else await writeFile(join(directory, name), text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  let problems: readonly StaticProblem[] = [];
  const world = await nodeWorld({
    staticPods: {
      directory: manifestDirectory(directory),
      onProblems: (found) => {
        problems = found;
      },
    },
  });
  t.teardown(() => world.close());
  await world.quiet();
  return {
    ...{ world, directory, write, problems: () => problems },
    comes: (what, condition) =>
      until(
        async () => {
          await world.pass(300);
          return condition();
        },
        { what },
      ),
  };
}

const hashOf = (pod: Pod | null): string => pod?.metadata.annotations?.['kubernetes.io/config.hash'] ?? '';
const runs = (world: NodeWorld): number => world.starts().length;

test('a pod of a file runs, and is mirrored by its node', async (t) => {
  const { world } = await scene(t, { 'web.yaml': web() });
  const mirror = await world.pod(NAME);
  t.is(mirror?.status?.phase, 'Running');
  t.truthy(mirror?.status?.podIP);
  t.is(mirror?.spec.nodeName, NODE);
  const { annotations = {}, ownerReferences, labels, uid } = mirror?.metadata ?? {};
  t.like(annotations, { 'kubernetes.io/config.source': 'file', 'pintle.dev/static-pod-file': 'web.yaml' });
  t.is(annotations['kubernetes.io/config.mirror'], hashOf(mirror));
  t.not(uid, hashOf(mirror), 'the API knows it by a uid of its own');
  t.like(ownerReferences?.[0], { kind: 'Node', name: NODE, controller: true });
  t.deepEqual(labels, { app: 'web' });
  t.is(mirror?.spec.volumes, undefined, 'no token');
  t.is(runs(world), 1);
});

test('a mirror that is deleted comes back, and its pod does not hear of it', async (t) => {
  const { world, comes } = await scene(t, { 'web.yaml': web() });
  const before = await world.pod(NAME);
  await world.client.delete(refOfPod(NAME), {}, user);
  await comes('another mirror', async () => {
    const mirror = await world.pod(NAME);
    return (
      mirror !== null && mirror.metadata.uid !== before?.metadata.uid && mirror.status?.phase === 'Running'
    );
  });
  t.is((await world.pod(NAME))?.status?.podIP, before?.status?.podIP);
  t.is(runs(world), 1);
});

test('nobody but the node makes mirrors or changes what they show', async (t) => {
  const { world } = await scene(t, { 'web.yaml': web() });
  const patch = (change: object) =>
    world.client.patch<Pod>(refOfPod(NAME), { type: 'merge', patch: change as never }, user);
  await t.throwsAsync(patch({ metadata: { labels: { app: 'other' } } }), { message: /web\.yaml/ });
  await t.throwsAsync(patch({ metadata: { annotations: { 'kubernetes.io/config.mirror': null } } }));
  const forged = {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'forged', namespace: 'default', annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: { nodeName: NODE, hostPID: true, containers: [{ name: 'a', image: 'host' }] },
  };
  await t.throwsAsync(world.client.create(forged, user), { message: /only a node/ });
});

test('a file that changes changes its pod, after the one before has gone; one that goes ends it', async (t) => {
  const { world, comes, write } = await scene(t, { 'web.yaml': web() });
  const first = hashOf(await world.pod(NAME));
  await write('web.yaml', web('other'));
  await comes('the other pod', async () => {
    const mirror = await world.pod(NAME);
    return hashOf(mirror) !== first && mirror?.status?.phase === 'Running';
  });
  t.deepEqual((await world.pod(NAME))?.spec.containers[0]?.command, ['other']);
  t.is(runs(world), 2);
  await write('web.yaml', null);
  await comes('the pod to be gone', async () => (await world.pod(NAME)) === null);
  await world.quiet();
  t.is(world.state.sandboxes.size, 0);
  await write('web.yaml', web('other'));
  await comes('the same pod once more', async () => (await world.pod(NAME))?.status?.phase === 'Running');
});

test('a restart of the daemon leaves the pod alone, and its mirror', async (t) => {
  const { world } = await scene(t, { 'web.yaml': web() });
  const before = await world.pod(NAME);
  await world.restart();
  await world.quiet();
  const after = await world.pod(NAME);
  t.is(after?.metadata.uid, before?.metadata.uid);
  t.deepEqual(after?.status?.containerStatuses, before?.status?.containerStatuses);
  t.is(runs(world), 1);
});

test('what crashed and what ended is known after a restart', async (t) => {
  const crashing = web().replace(
    'labels:',
    `annotations: {${BEHAVIOUR_ANNOTATION}: '{"exitAfterMs": 1000, "exitCode": 1}'}\n  labels:`,
  );
  const { world } = await scene(t, { 'web.yaml': crashing });
  await world.pass(1_000);
  t.is(statusOf(await world.pod(NAME))?.restartCount, 1);
  await world.restart();
  await world.pass(1_000);
  t.true((statusOf(await world.pod(NAME))?.restartCount ?? 0) >= 1);
});

const refusals: readonly { readonly title: string; readonly text: string; readonly problem: string }[] = [
  { title: 'a file that does not parse', text: 'kind: [\n', problem: 'yaml-syntax' },
  { title: 'an unknown field', text: web('web', '  replicas: 2\n'), problem: 'b.yaml:9:3 unknown-field' },
  {
    title: 'another kind',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    problem: 'b.yaml:2:7 not-static',
  },
  {
    title: 'a ConfigMap',
    text: web('web', '  volumes: [{name: v, configMap: {name: c}}]\n'),
    problem: 'b.yaml:9:41 not-static',
  },
  {
    title: 'a service account',
    text: web('web', '  serviceAccountName: bot\n'),
    problem: 'b.yaml:9:23 not-static',
  },
  {
    title: 'a token',
    text: web('web', '  volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]\n'),
    problem: 'b.yaml:9:14 not-static',
  },
];

for (const { title, text, problem } of refusals)
  test(`${title} is refused with its place, and harms no other file`, async (t) => {
    const { world, problems } = await scene(t, {
      'a.yaml': web().replace('name: web', 'name: good'),
      'b.yaml': text,
      'c.txt': 'no manifest',
    });
    t.is((await world.pod(`good-${NODE}`))?.status?.phase, 'Running');
    t.is(await world.pod(NAME), null);
    const told = problems().map(({ file, line, column, ruleId }) => `${file}:${line}:${column} ${ruleId}`);
    t.true(told.join('\n').includes(problem), told.join('\n'));
  });

test('while its file is broken a pod stays as it is, over restarts too; mended it is told no more', async (t) => {
  const { world, comes, write, problems } = await scene(t, { 'web.yaml': web() });
  const before = await world.pod(NAME);
  await write('web.yaml', 'kind: [');
  await comes('the problem', async () => problems().length > 0);
  t.is((await world.pod(NAME))?.metadata.uid, before?.metadata.uid);
  await world.restart();
  await world.pass(60_000);
  t.is((await world.pod(NAME))?.status?.phase, 'Running');
  t.is(runs(world), 1);
  await write('web.yaml', web());
  await comes('the problem to be over', async () => problems().length === 0);
  t.is(runs(world), 1);
});

test('without its directory the pods stay; without the pod its mirror goes', async (t) => {
  const { world, directory, problems, comes } = await scene(t, { 'web.yaml': web() });
  await rm(directory, { recursive: true });
  await comes('the problem', async () => {
    await world.pass(20_000);
    return problems().length > 0;
  });
  t.is((await world.pod(NAME))?.status?.phase, 'Running');
  await mkdir(directory);
  await comes('the pod to end', async () => {
    await world.pass(20_000);
    return (await world.pod(NAME)) === null;
  });
  t.deepEqual(problems(), []);
});

test('a pod of the API that has its name is left alone, and the static one runs all the same', async (t) => {
  const { world, comes, write } = await scene(t, {});
  const rival = { apiVersion: 'v1', kind: 'Pod', metadata: { name: NAME, namespace: 'default' } };
  await world.client.create({ ...rival, spec: { containers: [{ name: 'a', image: 'host' }] } }, user);
  await write('web.yaml', web());
  await comes('the static pod to run', async () => runs(world) === 1);
  const kept = await world.pod(NAME);
  t.true(kept !== null && !isMirrorPod(kept));
  await world.client.delete(refOfPod(NAME), { gracePeriodSeconds: 0 }, user);
  await comes('the mirror', async () => {
    const mirror = await world.pod(NAME);
    return mirror !== null && isMirrorPod(mirror) && mirror.status?.phase === 'Running';
  });
  t.is(runs(world), 1);
});
