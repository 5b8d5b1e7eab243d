import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import test from 'ava';

test('what was left open by whoever started us is not handed on, what is ours works', (t) => {
  const module = JSON.stringify(new URL('./inherited-descriptors.ts', import.meta.url).href);
  const program = `
    const { closeInheritedDescriptors } = await import(${module});
    const { spawnSync } = await import('node:child_process');
    const list = () => spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }).stdout;
    const before = list();
    closeInheritedDescriptors();
    const answer = await fetch('data:,works').then((got) => got.text());
    console.log(JSON.stringify({ before, after: list(), answer }));`;
  const fd = openSync('/etc/passwd', 'r');
  // Node closes low ones by itself.
  const none = Array.from({ length: 37 }, () => 'ignore' as const);
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', ...none, fd],
    encoding: 'utf8',
  });
  closeSync(fd);
  const { before, after, answer } = JSON.parse(stdout);
  t.regex(before, /\/etc\/passwd/);
  t.notRegex(after, /\/etc\/passwd/);
  t.is(answer, 'works');
});
