import test from 'ava';
import { systemClock } from './clock.ts';
import { codeOf } from './errors.ts';
import { runProgram } from './run-program.ts';

const clock = systemClock();
const run = (program: string, args: readonly string[], input?: string, timeoutMs = 20_000) =>
  runProgram({ program, args, timeoutMs, clock, ...(input !== undefined && { input }) });

test('what a program writes and how it ends are the answer', async (t) => {
  t.deepEqual(await run('cat', [], 'word'), { exitCode: 0, output: 'word', said: '' });
  t.like(await run('cat', ['/nowhere/at/all']), { exitCode: 1, output: '' });
});

test('one that is missing, hangs or floods is a failure of the world', async (t) => {
  const code = async (result: Promise<unknown>): Promise<string | undefined> =>
    result.then(
      () => undefined,
      (thrown) => codeOf(thrown),
    );
  t.is(await code(run('no-such-program-here', [])), 'PROGRAM_MISSING');
  t.is(await code(run('sleep', ['60'], '', 20)), 'PROGRAM_FAILED');
  t.is(await code(run('cat', ['/dev/zero'])), 'PROGRAM_FAILED');
});
