import { spawn } from 'node:child_process';
import type { Clock, DurationMs } from './clock.ts';
import { codeOf, WorldError } from './errors.ts';
import { limits } from './limits.ts';

export type ProgramRun = {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads; unset: nothing. */
  readonly input?: string;
  readonly timeoutMs: DurationMs;
  readonly clock: Clock;
};

export type ProgramResult = {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
  /** What it wrote to stderr. */
  readonly said: string;
};

/**
 * The few variables that the machine's own tools need; their words are English. The system's directories come first: npm puts
 * directories of packages before them, where another program has the name `nft`.
 */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${process.env.PATH ?? ''}`,
    LC_ALL: 'C',
  };
}

/**
 * Runs one of the machine's tools to its end; any exit code is an answer. Output beyond limits.programOutputBytesMax is an error, not
 * cut. WorldError PROGRAM_MISSING (it is not installed), PROGRAM_FAILED (it did not start, took too long or wrote too much).
 */
export function runProgram({ program, args, input, timeoutMs, clock }: ProgramRun): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: toolEnvironment(), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    const chunks: Record<'output' | 'said', Buffer[]> = { output: [], said: [] };
    let bytes = 0;
    let failure: string | null = null;
    const give = (why: string): void => {
      failure ??= why;
      child.kill('SIGKILL');
    };
    const timer = clock.setTimer(timeoutMs, () => give(`took longer than ${timeoutMs} ms`));
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.programOutputBytesMax) give('wrote too much');
      else into.push(chunk);
    };
    child.stdout.on('data', collect(chunks.output));
    child.stderr.on('data', collect(chunks.said));
    // It may end without having read all.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.once('error', (thrown) => {
      timer.cancel();
      const missing = codeOf(thrown) === 'ENOENT';
      const code = missing ? 'PROGRAM_MISSING' : 'PROGRAM_FAILED';
      const why = missing ? `${program} is not installed` : `${program}: ${thrown.message}`;
      reject(new WorldError(code, why, { program }, thrown));
    });
    child.once('close', (exitCode) => {
      timer.cancel();
      if (failure !== null)
        return reject(new WorldError('PROGRAM_FAILED', `${program} ${failure}`, { program }));
      const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString('utf8');
      resolve({ exitCode, output: text(chunks.output), said: text(chunks.said) });
    });
  });
}
