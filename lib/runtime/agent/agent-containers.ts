import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecSession, LogOptions } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import { isArray, isObject } from '../../base/json.ts';
import type { Log } from '../../base/log.ts';
import type { ContainerRecord, ExecRequest, ExecResult, PodDriver, StartOutcome } from '../driver.ts';
import type { AgentClient } from './agent-client.ts';
import { attachTo, stdinPipe } from './attach-session.ts';
import { containerDirectory, containerFiles, parseContainerId } from './container-directory.ts';
import { readVerdict } from './container-state.ts';
import { readSpec } from './containers-on-disk.ts';
import { execBuffered } from './exec-buffered.ts';
import { type ExecStreams, execOverAgent } from './exec-client.ts';
import { freezerOf } from './held-container.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { readLogs } from './log-reader.ts';

type Run = NonNullable<ReturnType<typeof parseContainerId>>;

/** What every driver does alike whose containers an agent holds. */
export class AgentContainers {
  readonly #agent: AgentClient;
  readonly #root: string;
  readonly #clock: Clock;
  readonly #log: Log;

  /** `root`: the pods' directories. */
  constructor(options: {
    readonly agent: AgentClient;
    readonly root: string;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#agent = options.agent;
    this.#root = options.root;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async list(): Promise<readonly ContainerRecord[]> {
    const answer = await this.#agent.request('list', {});
    // The agent is ours and spoke our revision: its records have our form.
    return isArray(answer) ? answer.filter((one) => isObject(one)).map((one) => one as ContainerRecord) : [];
  }

  async start(spec: LaunchSpec, limitations: readonly string[]): Promise<StartOutcome> {
    const record = await this.#agent.request('start', { spec });
    // As in list: the agent's records have our form.
    const state = isObject(record) ? (record as ContainerRecord).state : null;
    return state?.phase === 'failed' ? { limitations, failed: state.message } : { limitations };
  }

  async signal(id: string, signal: Parameters<PodDriver['signal']>[1]): Promise<void> {
    await this.#agent.request('signal', { id, signal });
  }

  async remove(id: string): Promise<void> {
    await this.#agent.request('remove', { id });
  }

  /** Removes every container of the pod. */
  async removeAll(podUid: string): Promise<void> {
    const own = (await this.list()).filter((record) => record.podUid === podUid);
    await Promise.all(own.map(({ id }) => this.remove(id)));
  }

  /** Holds still what runs of the pod, or lets it go on; outlives us. What left its process group under `process` runs on. */
  async setFrozen(podUid: string, frozen: boolean): Promise<void> {
    for (const record of await this.list()) {
      if (record.podUid !== podUid || record.state.phase !== 'running') continue;
      const directory = this.directory(record.id);
      const mark = join(directory, containerFiles.frozen);
      const spec = readSpec(directory, this.#log);
      const freezer = spec === null ? null : freezerOf(spec, readVerdict(directory));
      // CRASH: marked and not held, or held and not marked any more: whoever asked asks again.
      if (frozen) {
        writeFileSync(mark, '', { mode: 0o600 });
        freezer?.freeze();
      } else {
        freezer?.thaw();
        rmSync(mark, { force: true });
      }
    }
  }

  exec(id: string, command: readonly string[], streams: ExecStreams, tty = false): Promise<ExecSession> {
    return execOverAgent(this.#agent, { id, command, tty }, streams);
  }

  execBuffered(id: string, request: ExecRequest, command = request.command): Promise<ExecResult> {
    return execBuffered((streams) => this.exec(id, command, streams), request, this.#clock);
  }

  /** Throws WorldError CONTAINER_NOT_RUNNING. */
  attach(id: string, streams: ExecStreams): ExecSession {
    const directory = this.directory(id);
    const exitCode = (): number | null | undefined => {
      const verdict = readVerdict(directory);
      if (verdict.kind === 'running' || verdict.kind === 'starting') return undefined;
      return verdict.kind === 'settled' && verdict.state.phase === 'exited' ? verdict.state.exitCode : null;
    };
    if (exitCode() !== undefined)
      throw new WorldError('CONTAINER_NOT_RUNNING', `container ${id} does not run`);
    // An agent of before knows no sizes, and none that is gone needs one.
    const resize: ExecSession['resize'] = (size) =>
      void this.#agent.request('resize', { id, ...size }).catch(() => undefined);
    return attachTo({ directory, exitCode, resize, stdin: stdinPipe(directory) }, streams, this.#clock);
  }

  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    const directory = this.directory(id);
    const ended = (): boolean => {
      const { kind } = readVerdict(directory);
      return kind === 'settled' || kind === 'unstarted';
    };
    return readLogs({ directory, ended, clock: this.#clock }, options);
  }

  /** Throws WorldError DRIVER_FAILED when it is no container id. */
  run(id: string): Run {
    return runOf(id);
  }

  directory(id: string): string {
    return containerDirectory(this.#root, runOf(id));
  }
}

/** Splits a container id. Throws WorldError DRIVER_FAILED when it is none. */
export function runOf(id: string): Run {
  const run = parseContainerId(id);
  if (run === null) throw new WorldError('DRIVER_FAILED', `not a container id: ${id}`);
  return run;
}
