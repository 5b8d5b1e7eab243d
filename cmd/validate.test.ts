import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { codeOf } from '../lib/base/errors.ts';
import { type ValidateOptions, validateCommand } from './validate.ts';

const config = (name: string, rest = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;

function directoryWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-validate-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) write(join(directory, path), text);
  return directory;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

type Ran = {
  readonly exit: number;
  readonly problems: readonly string[];
  readonly files: number;
  readonly err: string;
};

async function run(
  cwd: string,
  paths: readonly string[] = [],
  options: Partial<ValidateOptions> = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const io = {
    ...{ stdin: Readable.from([]), cwd, env: {}, colour: false, columns: 80 },
    stdout: (text: string) => {
      out += text;
    },
    stderr: (text: string) => {
      err += text;
    },
  };
  const exit = await validateCommand(paths, { repo: '.', output: 'json', ...options }, io);
  const { problems, summary } = JSON.parse(out);
  const lines = problems.map(({ file, ruleId }: { file: string; ruleId: string }) => `${file} ${ruleId}`);
  return { exit, problems: lines, files: summary.files, err };
}

test('Warnings are allowed, errors are not, nothing is no success.', async (t) => {
  const directory = directoryWith(t, {
    'good/a.yaml': config('a', '  namespace: shop\n'),
    'bad/a.yaml': config('a', 'dta: {}\n'),
    'empty/README.md': 'hello',
  });
  t.deepEqual(await run(directory, ['good']), {
    ...{ exit: 0, files: 1, err: '' },
    problems: ['good/a.yaml missing-reference'],
  });
  t.is((await run(directory, ['bad'])).exit, 1);
  const nothing = await run(directory, ['empty']);
  t.is(nothing.exit, 1);
  t.not(nothing.err, '');
});

test('Dependencies and git are passed over; links and inner repositories are told, not followed.', async (t) => {
  const directory = directoryWith(t, {
    'a.yaml': config('a'),
    '.git/config.yaml': 'broken: [',
    'node_modules/x/b.yaml': 'broken: [',
    'inner/.git': 'gitdir: ../.git/modules/inner\n',
    'inner/c.yaml': config('c'),
    'other/secret.yaml': config('d'),
  });
  symlinkSync('/etc/passwd', join(directory, 'link.yaml'));
  symlinkSync('..', join(directory, 'other/loop'));
  const ran = await run(directory);
  t.deepEqual(ran.problems, ['inner not-followed', 'link.yaml not-followed', 'other/loop not-followed']);
  t.is(ran.exit, 0);
});

test('A file named twice is read once, from wherever it is named.', async (t) => {
  const directory = directoryWith(t, { 'a/b.yaml': config('b') });
  const ran = await run(join(directory, 'a'), ['b.yaml', '.', './b.yaml']);
  t.deepEqual([ran.files, ran.problems], [1, []]);
});

test('A path that is not there is the user’s error.', async (t) => {
  const directory = directoryWith(t, {});
  const thrown = await t.throwsAsync(run(directory, ['gone']));
  t.is(codeOf(thrown), 'PATH_MISSING');
});

test('Pods that reach into the host need the flag.', async (t) => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  containers: [{name: a, image: host}]\n';
  const directory = directoryWith(t, { 'a.yaml': pod });
  t.deepEqual((await run(directory)).problems, ['a.yaml needs-host-access']);
  t.deepEqual((await run(directory, [], { allowHostAccess: true })).problems, []);
});

test('--since tells only of files that changed, and looks for references everywhere.', async (t) => {
  const uses = (name: string, of: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: a, image: host}]\n  volumes: [{name: v, configMap: {name: ${of}}}]\n`;
  const directory = directoryWith(t, {
    'deploy/old.yaml': uses('old', 'gone'),
    'deploy/settings.yaml': config('settings'),
    'deploy/edited.yaml': uses('edited', 'settings'),
  });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: directory,
      encoding: 'utf8',
    });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'one');
  t.deepEqual((await run(directory, [], { since: 'HEAD' })).problems, []);
  t.is((await run(directory, [], { since: 'HEAD' })).exit, 0);
  write(join(directory, 'deploy/edited.yaml'), uses('edited', 'setings'));
  write(join(directory, 'deploy/new.yaml'), uses('new', 'settings'));
  t.deepEqual((await run(join(directory, 'deploy'), [], { since: 'HEAD' })).problems, [
    'edited.yaml missing-reference',
  ]);
  const all = await run(directory);
  t.deepEqual(all.problems, ['deploy/edited.yaml missing-reference', 'deploy/old.yaml missing-reference']);
  const unknown = await t.throwsAsync(run(directory, [], { since: 'no-such-branch' }));
  t.is(codeOf(unknown), 'UNKNOWN_REVISION');
});
