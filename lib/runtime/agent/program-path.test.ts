import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { findProgram } from './program-path.ts';

test('a program is found as execvp finds it, or the reason is told', async (t) => {
  const root = await temporaryDirectory(t);
  for (const directory of ['first', 'second', 'cwd/bin'])
    mkdirSync(join(root, directory), { recursive: true });
  const file = (path: string, mode: number): void => {
    writeFileSync(join(root, path), '');
    chmodSync(join(root, path), mode);
  };
  file('first/plain', 0o644);
  file('second/plain', 0o755);
  file('second/tool', 0o755);
  file('first/secret', 0o700);
  file('cwd/bin/own', 0o755);
  mkdirSync(join(root, 'first/tool'));
  const find = (program: string, more: { cwd?: string; user?: number | null } = {}) =>
    findProgram({
      program,
      cwd: more.cwd ?? join(root, 'cwd'),
      searchPath: `${root}/first:${root}/second`,
      user: more.user ?? null,
    });
  t.deepEqual(find('tool'), { ok: true, path: join(root, 'second/tool') });
  t.deepEqual(find('plain'), { ok: true, path: join(root, 'second/plain') });
  t.deepEqual(find('bin/own'), { ok: true, path: join(root, 'cwd/bin/own') });
  t.deepEqual(find('./bin/own'), { ok: true, path: join(root, 'cwd/bin/own') });
  const reason = (program: string, more = {}): string => {
    const found = find(program, more);
    return found.ok ? '' : found.message;
  };
  t.regex(reason('absent'), /not found in \$PATH/);
  t.regex(reason(''), /not found in \$PATH/);
  t.regex(reason(join(root, 'absent')), /no such file/);
  t.regex(reason(join(root, 'first/plain')), /permission denied/);
  t.regex(reason(join(root, 'first')), /permission denied/);
  t.regex(reason('secret', { user: 1_999_999_999 }), /permission denied/);
  t.regex(reason('tool', { cwd: join(root, 'nowhere') }), /working directory/);
});
