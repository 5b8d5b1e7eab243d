import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Clock } from '../../../base/clock.ts';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { limits, timings } from '../../../base/limits.ts';
import { toolEnvironment } from '../../../base/run-program.ts';
import { ipMissing } from './host-network.ts';

/** One command of ip(8) that failed, with its own words. */
export type IpFailure = { readonly command: string; readonly message: string };

/**
 * One `ip -batch` that lives as long as we do: a process for every command would cost ten times as much. A batch's end is known by a
 * command that cannot succeed, whose failure is told after all that went before it.
 */
export class IpBatch {
  readonly #clock: Clock;
  #child: ChildProcessWithoutNullStreams | null = null;
  #line = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting: { fail(thrown: WorldError): void } | null = null;
  #said = '';
  #onSaid: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs all commands, in order, whatever becomes of each; one batch at a time. WorldError IPROUTE_MISSING | IPROUTE_FAILED. */
  run(commands: readonly string[]): Promise<readonly IpFailure[]> {
    const next = this.#turn.then(() => this.#run(commands));
    this.#turn = next.catch(() => {});
    return next;
  }

  close(): void {
    this.#child?.stdin.end();
    this.#child?.unref();
    this.#child = null;
  }

  async #run(commands: readonly string[]): Promise<readonly IpFailure[]> {
    const child = this.#child ?? this.#start();
    const first = this.#line + 1;
    this.#line += commands.length + 1;
    const last = this.#line;
    this.#said = '';
    const done = Promise.withResolvers<void>();
    this.#waiting = { fail: (thrown) => done.reject(thrown) };
    this.#onSaid = () => {
      if (this.#said.includes(`Command failed -:${last}\n`)) done.resolve();
      else if (this.#said.length > limits.ipBatchSaidBytesMax) this.#fail('ip says too much');
    };
    const timer = this.#clock.setTimer(timings.networkToolMs, () => this.#fail('ip does not answer'));
    child.stdin.write([...commands, END, ''].join('\n'));
    try {
      await done.promise;
    } finally {
      timer.cancel();
      this.#waiting = null;
    }
    return failuresIn(this.#said, { commands, first });
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn('ip', ['-force', '-batch', '-'], {
      env: toolEnvironment(),
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#line = 0;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      this.#onSaid();
    });
    child.stdout.resume();
    child.stdin.on('error', () => {});
    child.on('error', (thrown) => {
      if (this.#child === child) this.#child = null;
      this.#waiting?.fail(codeOf(thrown) === 'ENOENT' ? ipMissing() : failed(thrown.message));
    });
    child.on('exit', () => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#waiting?.fail(failed('ip ended'));
    });
    // It ends with its input, at the latest when this process does.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) unrefStream(stream);
    return child;
  }

  #fail(why: string): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
    this.#waiting?.fail(failed(why));
  }
}

/** No object of ip(8) has this name. */
const END = 'pintle-end';

function failed(message: string): WorldError {
  return new WorldError('IPROUTE_FAILED', message);
}

/** Whoever waits for an answer holds a timer. */
function unrefStream(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
}

/** The words of each failure stand before the line that numbers it. */
function failuresIn(
  said: string,
  { commands, first }: { readonly commands: readonly string[]; readonly first: number },
): readonly IpFailure[] {
  const failures: IpFailure[] = [];
  let words: string[] = [];
  for (const line of said.split('\n')) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
    if (number === undefined) {
      words.push(line);
      continue;
    }
    const command = commands[Number(number) - first];
    if (command !== undefined) failures.push({ command, message: words.join(' ').trim() });
    words = [];
  }
  return failures;
}
