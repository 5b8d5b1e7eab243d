import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { runCommandLine } from './pintle.ts';
import { sourcePath } from './source-path.ts';

function testIo(over: Partial<CommandIo> = {}) {
  const said = { out: '', err: '' };
  const io: CommandIo = {
    stdin: Readable.from([]),
    stdout(text) {
      said.out += text;
    },
    stderr(text) {
      said.err += text;
    },
    ...{ cwd: '/work-of-nobody', env: {}, colour: false, columns: 80 },
    ...over,
  };
  return { io, said };
}

const wrong: readonly (readonly string[])[] = [
  [],
  ['no-such-command'],
  ['status', '--no-such-option'],
  ['status', '-o', 'yaml'],
  ['status', '--wait', 'soon'],
  ['rollback', 'a', 'b'],
  ['rollback', '--timeout', 'soon'],
  ['rollback', '--timeout', '-1'],
  ['down', '--grace-period', '-1'],
  ['down', '--grace-period', 'soon'],
  ['up', '--runtime', 'docker'],
  ['up', '--on-failed-rollout', 'pray'],
  ['up', '--log-level', 'loud'],
  ['up', '--poll', 'often'],
  ['plan', '-o', 'sarif'],
  ['validate', '-o', 'text'],
];
for (const argv of wrong) {
  test(`pintle ${argv.join(' ')}: wrong usage is 64, told on stderr, and does nothing`, async (t) => {
    const { io, said } = testIo({ env: { PINTLE_DATA: '/nonexistent/pintle' } });
    t.is(await runCommandLine(argv, io), 64);
    t.not(said.err, '');
    t.is(said.out, '');
  });
}

test('pintle up: a data directory that cannot be made is told', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'file');
  await writeFile(file, '');
  const { io, said } = testIo();
  t.is(await runCommandLine(['up', '--repo', directory, '--data', join(file, 'data')], io), 1);
  t.regex(said.err, /DATA_DIRECTORY_UNWRITABLE/);
});

for (const argv of [['--help'], ['up', '--help'], ['--version']]) {
  test(`pintle ${argv.join(' ')} is told on stdout`, async (t) => {
    const { io, said } = testIo();
    t.is(await runCommandLine(argv, io), 0);
    t.not(said.out, '');
    t.is(said.err, '');
  });
}

for (const argv of [
  ['status'],
  ['status', '--node'],
  ['plan'],
  ['history'],
  ['rollback'],
  ['approve'],
  ['node', 'list'],
  ['node', 'stop', 'n'],
  ['down'],
]) {
  test(`pintle ${argv.join(' ')} where no daemon runs says so, and which directory it looked in`, async (t) => {
    const data = await temporaryDirectory(t);
    const { io, said } = testIo();
    t.is(await runCommandLine([...argv, '--data', data], io), 1);
    t.true(said.err.includes(data) && said.err.includes('(NO_DAEMON)'), said.err);
  });
}

test('plan where no daemon runs names the way without one', async (t) => {
  const { io, said } = testIo();
  await runCommandLine(['plan', '--data', await temporaryDirectory(t)], io);
  t.true(said.err.includes('--offline'));
});

const root = process.getuid?.() === 0;
const directories: readonly { title: string; option?: string; env: Record<string, string>; is: string }[] = [
  {
    title: 'the option, from where the command runs',
    option: 'data',
    env: { PINTLE_DATA: '/other' },
    is: '/here/data',
  },
  { title: 'PINTLE_DATA', env: { PINTLE_DATA: '/other', HOME: '/home/ada' }, is: '/other' },
  {
    title: 'XDG_STATE_HOME',
    env: { XDG_STATE_HOME: '/state', HOME: '/home/ada' },
    is: root ? '/var/lib/pintle' : '/state/pintle',
  },
  {
    title: 'a relative XDG_STATE_HOME does not count',
    env: { XDG_STATE_HOME: 'state', HOME: '/home/ada' },
    is: root ? '/var/lib/pintle' : '/home/ada/.local/state/pintle',
  },
  {
    title: 'the home directory',
    env: { PINTLE_DATA: '', HOME: '/home/ada' },
    is: root ? '/var/lib/pintle' : '/home/ada/.local/state/pintle',
  },
];
for (const { title, option, env, is } of directories) {
  test(`the data directory: ${title}`, (t) => {
    t.is(dataDirectory(option, testIo({ cwd: '/here', env }).io), is);
  });
}

for (const [text, is] of [
  ['', ''],
  ['.', ''],
  ['./', ''],
  ['deploy', 'deploy'],
  ['./deploy/', 'deploy'],
  ['/deploy//shop/./', 'deploy/shop'],
] as const) {
  test(`--path ${JSON.stringify(text)} is the directory ${JSON.stringify(is)}`, (t) =>
    t.is(sourcePath(text), is));
}
