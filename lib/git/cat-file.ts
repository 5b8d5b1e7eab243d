import type { ChildProcess } from 'node:child_process';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import { CatFileParser, type CatFileReply } from './cat-file-parser.ts';
import type { GitProcesses } from './git-process.ts';

type Exchange = { readonly parser: CatFileParser; fail(error: WorldError): void };

/**
 * One long-lived `git cat-file --batch` or `--batch-check`: requests are lines, answered in order. Started when
 * first asked, started again when it died; one batch of requests is under way at a time.
 */
export class CatFile {
  readonly #processes: GitProcesses;
  readonly #clock: Clock;
  readonly #contents: boolean;
  #child: ChildProcess | null = null;
  #exchange: Exchange | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #said = '';

  constructor(options: {
    readonly processes: GitProcesses;
    readonly clock: Clock;
    /** true: --batch. false: --batch-check. */
    readonly contents: boolean;
  }) {
    this.#processes = options.processes;
    this.#clock = options.clock;
    this.#contents = options.contents;
  }

  /**
   * One reply per name, in order. Names have no newline. Contents over `bytesMax` are skipped, not kept.
   * @throws {WorldError} GIT_FAILED when the process dies twice over one batch, or stalls
   */
  ask(names: readonly string[], bytesMax: number): Promise<readonly CatFileReply[]> {
    const answer = this.#turn.then(() => this.#askInTurn(names, bytesMax));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #askInTurn(names: readonly string[], bytesMax: number): Promise<readonly CatFileReply[]> {
    const replies: CatFileReply[] = [];
    for (let at = 0; at < names.length; at += limits.catFileBatchMax) {
      const batch = names.slice(at, at + limits.catFileBatchMax);
      const first = await this.#askBatch(batch, bytesMax).catch((error: unknown) => {
        if (!(error instanceof WorldError) || error.data.reason !== 'died') throw error;
        return null;
      });
      replies.push(...(first ?? (await this.#askBatch(batch, bytesMax))));
    }
    return replies;
  }

  /** A batch of request lines fits into a pipe's buffer, so writing never waits for our own reading. */
  #askBatch(batch: readonly string[], bytesMax: number): Promise<readonly CatFileReply[]> {
    return new Promise((resolve, reject) => {
      let timer: Timer | null = null;
      const settle = (): void => {
        this.#exchange = null;
        timer?.cancel();
      };
      const parser = new CatFileParser({ count: batch.length, contents: this.#contents, bytesMax });
      this.#exchange = {
        parser,
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      parser.onDone = (replies) => {
        settle();
        resolve(replies);
      };
      try {
        const child = this.#ensureStarted();
        timer = this.#clock.setTimer(timings.gitReadTimeoutMs, () =>
          this.#drop('it took too long', 'timeout'),
        );
        child.stdin?.write(batch.map((name) => `${name}\n`).join(''));
      } catch (error) {
        settle();
        reject(error);
      }
    });
  }

  #ensureStarted(): ChildProcess {
    if (this.#child !== null) return this.#child;
    const child = this.#processes.start({
      arguments: ['cat-file', this.#contents ? '--batch' : '--batch-check'],
    });
    this.#child = child;
    this.#said = '';
    child.stdin.on('error', () => {});
    child.stdout?.on('data', (chunk: Buffer) => this.#receive(child, chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-limits.gitMessageBytesMax);
    });
    const ended = (reason: string): void => {
      if (this.#child === child) this.#drop(reason, 'died');
    };
    child.once('error', (error) => ended(messageOf(error)));
    child.once('close', () => ended(this.#said.trim() || 'it ended'));
    return child;
  }

  #receive(child: ChildProcess, chunk: Buffer): void {
    if (this.#child !== child) return;
    const problem = this.#exchange === null ? 'it answered unasked' : this.#exchange.parser.push(chunk);
    if (problem !== null) this.#drop(problem, 'died');
  }

  /** Ends the process and fails what waits for it. The next request starts another. */
  #drop(detail: string, reason: 'died' | 'timeout'): void {
    const child = this.#child;
    this.#child = null;
    child?.stdin?.destroy();
    child?.stdout?.destroy();
    child?.kill('SIGKILL');
    this.#exchange?.fail(this.#processes.failure('cat-file', detail, reason));
  }
}
