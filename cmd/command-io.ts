import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { forTerminal } from './for-terminal.ts';

/** What a command may touch of its surroundings: taken as an argument, so that tests hand it theirs. */
export type CommandIo = {
  readonly stdin: Readable;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether to colour: a terminal, and nobody asked not to. */
  readonly colour: boolean;
  /** Width of the terminal; 80 where there is none. */
  readonly columns: number;
};

/** The process's own. Colour as https://no-color.org and FORCE_COLOR ask. */
export function processIo(): CommandIo {
  const { env } = process;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const refused = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return {
    stdin: process.stdin,
    stdout: writerTo(process.stdout),
    stderr: writerTo(process.stderr),
    cwd: process.cwd(),
    env,
    colour: forced || (!refused && process.stdout.isTTY === true && env.TERM !== 'dumb'),
    columns: process.stdout.columns ?? 80,
  };
}

function writerTo(stream: WriteStream): (text: string) => void {
  return (text) => void stream.write(stream.isTTY ? forTerminal(text) : text);
}
