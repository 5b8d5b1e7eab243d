import { existsSync, readFileSync } from 'node:fs';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { refLabel, type StatusJson } from '../../../cmd/status-json.ts';
import { GitServer } from '../../testing/git-server.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { type TemporaryRepository, temporaryRepository } from '../../testing/temporary-repository.ts';
import { until } from '../../testing/until.ts';
import { upProcess } from '../../testing/up-process.ts';

const MIB = 1024 * 1024;

const configMap = (name: string, data = 'value: one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`;

type BadFile = {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** `rule line`, in order. */
  readonly told: readonly string[];
};

const aliasBomb = (): string => {
  const levels = Array.from({ length: 12 }, (_, at) => {
    const of = at === 0 ? '[x, x, x, x, x, x, x, x, x, x]' : `[${`*l${at - 1}, `.repeat(9)}*l${at - 1}]`;
    return `l${at}: &l${at} ${of}\n`;
  });
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n${levels.join('')}`;
};

const badFiles: readonly BadFile[] = [
  { name: 'broken.yaml', content: 'apiVersion: v1\nkind: [ConfigMap\n', told: ['yaml-syntax 3'] },
  { name: 'cut-off.json', content: '{"apiVersion": "v1",\n"kind": ', told: ['json-syntax 2'] },
  { name: 'bomb.yaml', content: aliasBomb(), told: ['alias-bomb 4'] },
  {
    name: 'deep.yaml',
    content: configMap('deep', `value: ${'['.repeat(1000)}${']'.repeat(1000)}`),
    told: ['too-deep 6'],
  },
  { name: 'huge.yaml', content: Buffer.alloc(100 * MIB, '#'), told: ['file-too-large 1'] },
  {
    name: 'latin.yaml',
    content: Buffer.from(configMap('latin', 'value: café'), 'latin1'),
    told: ['not-utf8 6'],
  },
  {
    name: 'integer.yaml',
    content: configMap('integer', 'value: 12345678901234567890'),
    told: ['integer-too-large 6'],
  },
  {
    name: 'proto.yaml',
    content: `${configMap('proto', '__proto__: kept')}__proto__:\n  polluted: true\n`,
    told: ['invalid-key 6', 'unknown-field 7'],
  },
  {
    name: 'proto.json',
    content:
      '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j", "__proto__": {"polluted": true}}}',
    told: ['unknown-field 1'],
  },
  { name: 'key.yaml', content: configMap('key', '../../etc/passwd: x'), told: ['invalid-key 6'] },
  { name: 'name.yaml', content: configMap('../../escape'), told: ['invalid-name 4'] },
  {
    name: 'paths.yaml',
    content: [
      'apiVersion: v1',
      'kind: Pod',
      'metadata: {name: paths}',
      'spec:',
      '  containers:',
      '    - name: main',
      '      image: host',
      '      command: [sleep, infinity]',
      '      volumeMounts:',
      '        - {name: v, mountPath: /v, subPath: ../../../../etc}',
      '        - {name: h, mountPath: /h}',
      '  volumes:',
      '    - {name: v, configMap: {name: sound, items: [{key: value, path: ../../../x}]}}',
      '    - {name: h, hostPath: {path: /etc/../root}}',
      '',
    ].join('\n'),
    told: ['invalid-path 10', 'invalid-path 13', 'invalid-path 14'],
  },
  {
    name: 'lfs.yaml',
    content: `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`,
    told: ['not-followed 1'],
  },
  { name: 'kustomization.yaml', content: 'resources: [sound.yaml]\n', told: ['not-followed 1'] },
  { name: 'Kustomization', content: 'resources: [sound.yaml]\n', told: ['not-followed 1'] },
  { name: 'prose.yaml', content: 'Not a manifest at all.\n', told: ['not-a-manifest 1'] },
];

/** Kinds of entries that are no files; git makes them without a manifest's help. */
const badEntries: readonly Omit<BadFile, 'content'>[] = [
  { name: 'link.yaml', told: ['not-followed 1'] },
  { name: 'linked', told: ['not-followed 1'] },
  { name: 'vendored', told: ['not-followed 1'] },
];

async function addEntries(repository: TemporaryRepository): Promise<void> {
  await symlink('/etc/passwd', join(repository.path, 'link.yaml'));
  await symlink('sound', join(repository.path, 'linked'));
  const inner = await temporaryRepository(join(repository.path, 'vendored'));
  await inner.commit({ 'inner.yaml': configMap('inner') });
}

function toldBy(status: StatusJson): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  for (const { file, ruleId, line } of status.problems)
    told.set(file, [...(told.get(file) ?? []), `${ruleId} ${line}`]);
  return told;
}

const states = (status: StatusJson): readonly string[] =>
  status.objects.map((object) => `${refLabel(object)} ${object.sync}`);

test('whatever a repository holds is told with its place; the sound part is live and nothing is lost', async (t) => {
  const directory = await temporaryDirectory(t);
  const repository = await temporaryRepository(join(directory, 'repository'));
  const sound = { 'sound/sound.yaml': configMap('sound'), 'sound/kept.yaml': configMap('kept') };
  const first = await repository.commit({
    ...sound,
    'latin.yaml': configMap('latin'),
    'gone.yaml': configMap('gone'),
  });
  const up = await upProcess(t, {
    repository: repository.path,
    dataDirectory: join(directory, 'data'),
    args: ['--runtime', 'simulated'],
  });
  await up.untilStatus(({ revision, sync }) => revision === first && sync === 'Synced', 'the first commit');

  const files = Object.fromEntries(badFiles.map(({ name, content }) => [name, content]));
  await addEntries(repository);
  const bad = await repository.commit({ ...files, 'gone.yaml': null, 'sound/more.yaml': configMap('more') });
  const status = await up.untilStatus(({ revision }) => revision === bad, 'the bad commit to be applied');
  const expected = [...badFiles, ...badEntries].map(({ name, told }) => [name, told] as const);
  t.deepEqual(Object.fromEntries(toldBy(status)), Object.fromEntries(expected));
  t.is(status.sync, 'OutOfSync');
  const live = states(status);
  for (const name of ['sound', 'kept', 'more'])
    t.true(live.includes(`ConfigMap default/${name} Synced`), name);
  // Its file cannot be read, or it may stand in one of those: both stay.
  for (const name of ['latin', 'gone'])
    t.true(
      live.some((text) => text.startsWith(`ConfigMap default/${name} `)),
      name,
    );
  t.deepEqual(
    status.pruneHolds.map(({ reason }) => reason),
    ['file-unparsed'],
  );

  const mended = await repository.commit(
    Object.fromEntries([...badFiles.map(({ name }) => [name, null]), ['latin.yaml', configMap('latin')]]),
  );
  const after = await up.untilStatus(
    ({ revision, sync }) => revision === mended && sync === 'Synced',
    'the mended commit',
  );
  t.deepEqual(
    states(after),
    ['kept', 'latin', 'more', 'sound'].map((name) => `ConfigMap default/${name} Synced`),
  );
  t.is(up.exitCode(), null);
  t.deepEqual(up.troubles(), []);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${up.pid()}/status`, 'utf8'))?.[1];
  t.true(Number(peak) < 300 * 1024, `${peak} kB at the most: a file that is too large is not read`);
});

test('a tree that leads out of itself, or into the depths, is refused whole; what is live stays', async (t) => {
  const directory = await temporaryDirectory(t);
  const repository = await temporaryRepository(join(directory, 'repository'));
  const first = await repository.commit({ 'a.yaml': configMap('a') });
  const up = await upProcess(t, {
    repository: repository.path,
    dataDirectory: join(directory, 'data'),
    args: ['--runtime', 'simulated'],
  });
  const synced = ({ revision, sync }: StatusJson): boolean => revision === first && sync === 'Synced';
  await up.untilStatus(synced, 'the first commit');

  const blob = await repository.git('rev-parse', `${first}:a.yaml`);
  const entry = Buffer.concat([Buffer.from('100644 ../../evil.yaml\0'), Buffer.from(blob, 'hex')]);
  await writeFile(join(directory, 'tree'), entry);
  const tree = await repository.git(
    'hash-object',
    '-w',
    '-t',
    'tree',
    '--literally',
    join(directory, 'tree'),
  );
  const evil = await repository.git('commit-tree', tree, '-p', first, '-m', 'Evil');
  await repository.git('update-ref', 'refs/heads/main', evil);
  const refused = await up.untilStatus(({ troubles }) => troubles.length > 0, 'the tree to be refused');
  t.deepEqual(
    refused.troubles.map(({ code }) => code),
    ['GIT_FAILED'],
  );
  t.regex(refused.troubles[0]?.message ?? '', /evil\.yaml/);
  t.deepEqual(states(refused), ['ConfigMap default/a Synced']);

  await repository.git('update-ref', 'refs/heads/main', first);
  await up.untilStatus(({ troubles }) => troubles.length === 0, 'the trouble to be over');
  const deep = `${'d/'.repeat(200)}a.yaml`;
  const bottomless = await repository.commit({ [deep]: configMap('a') });
  await up.untilStatus(({ troubles }) => troubles[0]?.code === 'TREE_TOO_LARGE', 'the depth to be refused');
  t.not((await up.status())?.revision, bottomless);
  const last = await repository.commit({ d: null });
  const back = await up.untilStatus(({ revision }) => revision === last, 'a sane tree to be live');
  t.deepEqual(back.troubles, []);
  t.is(up.exitCode(), null);
});

test('a remote that rejects our status is told of, and everything else goes on', async (t) => {
  const directory = await temporaryDirectory(t);
  const bare = await temporaryRepository(join(directory, 'repo.git'), { bare: true });
  await bare.git('config', 'http.receivepack', 'true');
  const clone = await temporaryRepository(join(directory, 'clone'));
  const push = async (value: string): Promise<string> => {
    const commit = await clone.commit({ 'a.yaml': configMap('a', `value: ${value}`) });
    await clone.git('push', '-q', bare.path, 'HEAD:main');
    return commit;
  };
  const first = await push('one');
  const hook = join(bare.path, 'hooks', 'pre-receive');
  await writeFile(hook, '#!/bin/sh\necho "only humans push here" >&2\nexit 1\n');
  await chmod(hook, 0o755);
  const server = await GitServer.start(t, { root: directory });
  const up = await upProcess(t, {
    repository: server.url('repo.git'),
    dataDirectory: join(directory, 'data'),
    args: ['--runtime', 'simulated', '--poll', '1'],
  });
  const status = await up.untilStatus(
    ({ revision, sync, troubles }) => revision === first && sync === 'Synced' && troubles.length > 0,
    'the commit to be live and the push to be refused',
  );
  t.deepEqual(
    status.troubles.map(({ code, retried }) => [code, retried]),
    [['PUSH_REJECTED', true]],
  );
  t.regex(status.troubles[0]?.message ?? '', /pintle\/status.*only humans push here/s);
  await chmod(hook, 0o644);
  const second = await push('two');
  await up.untilStatus(
    ({ revision, troubles }) => revision === second && troubles.length === 0,
    'the next commit to be live and the push to pass',
  );
  await until(async () => (await bare.git('branch', '--list', 'pintle/status')) !== '', {
    what: 'the status branch',
  });
});

/** Every field passes as text; only the running pod shows where it leads. */
const pod = (name: string, lines: readonly string[]): string =>
  [
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:`,
    '  terminationGracePeriodSeconds: 1',
    '  volumes: [{name: v, emptyDir: {}}]',
    '  containers:',
    '    - name: main',
    '      image: host',
    ...lines.map((line) => `      ${line}`),
    '',
  ].join('\n');

test('a path that leads out of its volume only once it is expanded is refused by the runtime', async (t) => {
  const directory = await temporaryDirectory(t);
  await chmod(directory, 0o711);
  const repository = await temporaryRepository(join(directory, 'repository'));
  const outside = join(directory, 'outside');
  const climb = `${'../'.repeat(20)}${outside.slice(1)}`;
  const commit = await repository.commit({
    'climbs.yaml': pod('climbs', [
      'command: [sleep, infinity]',
      `env: [{name: UP, value: ${climb}}]`,
      'volumeMounts: [{name: v, mountPath: /data, subPathExpr: $(UP)}]',
    ]),
    'mounts.yaml': pod('mounts', [
      `command: [sh, -c, 'echo x > ${climb}/made && sleep infinity']`,
      `volumeMounts: [{name: v, mountPath: ${climb}}]`,
    ]),
    'sound.yaml': pod('sound', ['command: [sleep, infinity]', 'volumeMounts: [{name: v, mountPath: /data}]']),
  });
  const up = await upProcess(t, {
    repository: repository.path,
    dataDirectory: join(directory, 'data'),
    args: ['--runtime', 'process'],
  });
  const healthOf = (status: StatusJson, name: string): string => {
    const object = status.objects.find((each) => each.name === name);
    return `${object?.health} ${object?.reason ?? ''}`.trim();
  };
  const status = await up.untilStatus(
    (now) =>
      now.revision === commit &&
      healthOf(now, 'sound') === 'Healthy' &&
      !healthOf(now, 'climbs').startsWith('Progressing'),
    'the sound pod to run and the other to be refused',
  );
  t.is(healthOf(status, 'climbs'), 'Degraded CreateContainerConfigError');
  t.false(JSON.stringify(status).includes(climb), 'what a variable holds may be a secret');
  t.false(existsSync(outside), 'nothing was made outside');
});
