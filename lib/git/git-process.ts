import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../base/clock.ts';
import { codeOf, messageOf, UserError, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import { basicAuthorization, redact } from './credentials.ts';
import { type Environment, gitArguments, gitEnvironment } from './git-environment.ts';
import { gitFailure } from './git-failure.ts';
import type { Credentials } from './location.ts';
import type { RepositoryOwner } from './repository-owner.ts';

export type GitRun = {
  readonly arguments: readonly string[];
  readonly input?: Uint8Array;
  readonly timeoutMs: number;
  /** Given: the command may use the network, with these (null: none). */
  readonly credentials?: Credentials | null;
};

export type GitResult = { readonly exitCode: number; readonly output: Buffer; readonly said: string };

/** Runs git on one repository: neutral configuration, bounded output, a time limit, nothing left on close. */
export class GitProcesses {
  readonly location: string;
  readonly #gitDirectory: string;
  readonly #environment: Environment;
  readonly #owner: RepositoryOwner | null;
  readonly #clock: Clock;
  readonly #running = new Set<ChildProcess>();
  #closed = false;

  constructor(options: {
    readonly location: string;
    readonly gitDirectory: string;
    readonly environment: Environment;
    readonly owner: RepositoryOwner | null;
    readonly clock: Clock;
  }) {
    this.location = options.location;
    this.#gitDirectory = options.gitDirectory;
    this.#environment = options.environment;
    this.#owner = options.owner;
    this.#clock = options.clock;
  }

  /** Starts git without waiting for it; it is ended by `close`. In its own group: a Ctrl-C is not for it. */
  start(
    run: Pick<GitRun, 'arguments' | 'credentials'>,
  ): ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> } {
    if (this.#closed) throw new WorldError('GIT_FAILED', `${this.location} was closed`, { reason: 'closed' });
    const credentials = run.credentials ?? null;
    const child = spawn(
      'git',
      [
        ...gitArguments({ gitDirectory: this.#gitDirectory, authorized: credentials !== null }),
        ...run.arguments,
      ],
      {
        ...this.#owner,
        cwd: '/',
        detached: true,
        env: gitEnvironment(this.#environment, {
          network: run.credentials !== undefined,
          authorization: basicAuthorization(credentials),
        }),
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** Any exit code is an answer. @throws {WorldError} GIT_FAILED: git did not run, took too long or wrote too much */
  async run(run: GitRun): Promise<GitResult> {
    const child = this.start(run);
    const name = run.arguments[0] ?? 'git';
    return new Promise((resolve, reject) => {
      const output: Buffer[] = [];
      let outputBytes = 0;
      let said = '';
      let failure: WorldError | null = null;
      const stop = (error: WorldError): void => {
        failure ??= error;
        killGroup(child);
      };
      const timer = this.#clock.setTimer(run.timeoutMs, () => stop(this.#tooLong(name, run)));
      child.stdout?.on('data', (chunk: Buffer) => {
        outputBytes += chunk.length;
        if (outputBytes > limits.gitOutputBytesMax) stop(this.#failed(`git ${name} wrote too much`));
        else output.push(chunk);
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString('utf8')).slice(-limits.gitMessageBytesMax);
      });
      // A command that ends early does not read its input; its exit code says why.
      child.stdin.on('error', () => {});
      child.stdin.end(run.input ?? Buffer.alloc(0));
      child.once('error', (error) => {
        timer.cancel();
        reject(startFailure(error));
      });
      child.once('close', (exitCode) => {
        timer.cancel();
        const shown = redact(said, run.credentials ?? null);
        if (failure !== null) reject(failure);
        else resolve({ exitCode: exitCode ?? -1, output: Buffer.concat(output), said: shown });
      });
    });
  }

  /** The output of a command that must succeed. @throws {WorldError} by what git said */
  async output(run: GitRun): Promise<Buffer> {
    const result = await this.run(run);
    if (result.exitCode !== 0) throw this.failure(run.arguments[0] ?? '', result.said);
    return result.output;
  }

  failure(what: string, said: string, reason = 'exit-code'): WorldError {
    return gitFailure({ what: `git ${what} on`, said, location: this.location, reason });
  }

  /** Ends what runs and waits for it. */
  async close(): Promise<void> {
    this.#closed = true;
    const children = [...this.#running];
    await Promise.all(children.map((child) => this.#end(child)));
  }

  #end(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#running.has(child)) return resolve();
      const timer = this.#clock.setTimer(timings.gitCloseTimeoutMs, () => signalGroup(child, 'SIGKILL'));
      child.once('close', () => {
        timer.cancel();
        resolve();
      });
      child.stdin?.end();
      signalGroup(child, 'SIGTERM');
    });
  }

  #tooLong(name: string, run: GitRun): WorldError {
    const code = run.credentials === undefined ? 'GIT_FAILED' : 'REMOTE_DOWN';
    const seconds = Math.round(run.timeoutMs / 1000);
    return new WorldError(code, `git ${name} on ${this.location} took longer than ${seconds} s`, {
      location: this.location,
      reason: 'timeout',
    });
  }

  #failed(message: string): WorldError {
    return new WorldError('GIT_FAILED', `${message} (${this.location})`, { location: this.location });
  }
}

/** git and its helpers (git-remote-https) form one group. */
function killGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (thrown) {
    // ESRCH: it ended in between. EPERM: its pid is somebody else's by now.
    if (codeOf(thrown) !== 'ESRCH' && codeOf(thrown) !== 'EPERM') throw thrown;
  }
}

function startFailure(error: Error): Error {
  if (codeOf(error) === 'ENOENT') {
    return new UserError('GIT_NOT_INSTALLED', 'git is not installed on this machine');
  }
  return new WorldError('GIT_FAILED', `git did not start: ${messageOf(error)}`, {}, error);
}
