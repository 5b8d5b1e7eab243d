import type { Clock } from '../../base/clock.ts';
import { type CompanionCall, connectCompanion, tryConnect } from '../../base/companion/companion-client.ts';
import { companionPaths } from '../../base/companion/companion-paths.ts';
import type { Peer, PeerListener } from '../../base/companion/peer.ts';
import { entryPoint } from '../../base/entry-points.ts';
import { codeOf, messageOf, WorldError } from '../../base/errors.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { AGENT_REVISION, type AgentMethod, OLDEST_AGENT } from './protocol.ts';

export type AgentClientOptions = {
  readonly dataDirectory: string;
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A container changed; null: any of them may have, the connection was lost for a while. */
  readonly onChange: (id: string | null) => void;
};

/** The daemon's end: one connection for requests that comes back by itself, and one for each exec. */
export class AgentClient {
  readonly #options: AgentClientOptions;
  readonly #call: CompanionCall;
  #peer: Promise<Peer> | null = null;
  #closed = true;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    const program = entryPoint('agent');
    this.#call = {
      name: 'agent',
      paths: companionPaths({ dataDirectory: options.dataDirectory, name: 'agent' }),
      revision: AGENT_REVISION,
      oldestCompanion: OLDEST_AGENT,
      program: {
        execPath: program.execPath,
        args: [...program.args, '--data', options.dataDirectory, '--root', options.root],
      },
      clock: options.clock,
    };
  }

  /** Connects, starting the agent where there is none. Throws WorldError COMPANION_DOWN | COMPANION_INCOMPATIBLE. */
  async open(): Promise<void> {
    this.#closed = false;
    await this.#connected();
  }

  /** Repeats the request once when the agent went away under it: every method but `exec` may be repeated. */
  async request(method: Exclude<AgentMethod, 'exec'>, data: JsonObject): Promise<JsonValue> {
    try {
      return await (await this.#connected()).request(method, data);
    } catch (thrown) {
      if (codeOf(thrown) !== 'PEER_GONE' || this.#closed || method === 'shut-down') throw downOr(thrown);
    }
    try {
      return await (await this.#connected()).request(method, data);
    } catch (thrown) {
      throw downOr(thrown);
    }
  }

  /** A connection of its own; the caller closes it. Throws WorldError AGENT_DOWN. */
  async dedicated(listener: PeerListener): Promise<Peer> {
    await this.#connected();
    const peer = await tryConnect(this.#call, listener);
    if (peer === null) throw new WorldError('AGENT_DOWN', 'the agent does not answer');
    return peer;
  }

  /** Ends every container, then the agent. Starts no agent only to end it when nothing may run: the caller knows. */
  async shutDown(): Promise<void> {
    const peer = await this.#connected();
    this.#closed = true;
    await peer.request('shut-down', {});
    await peer.gone;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const peer = await this.#peer?.catch(() => null);
    this.#peer = null;
    peer?.close();
  }

  #connected(): Promise<Peer> {
    if (this.#closed) return Promise.reject(new WorldError('AGENT_DOWN', 'the driver is closed'));
    this.#peer ??= this.#connect();
    return this.#peer;
  }

  async #connect(): Promise<Peer> {
    const listener: PeerListener = {
      onNotice: (event, data) => {
        if (event === 'changed' && typeof data.id === 'string') this.#options.onChange(data.id);
      },
    };
    try {
      const peer = await connectCompanion(this.#call, listener);
      void peer.gone.then(() => this.#lost());
      return peer;
    } catch (thrown) {
      this.#peer = null;
      throw thrown;
    }
  }

  /** The agent died: another one at once, since nobody tends logs and ends meanwhile. */
  #lost(): void {
    this.#peer = null;
    if (this.#closed) return;
    this.#options.log.warn('agent-lost');
    this.#options.clock.setTimer(timings.agentReconnectMs, () => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#connected();
      this.#options.onChange(null);
    } catch (thrown) {
      this.#options.log.error('agent-down', { message: messageOf(thrown) });
      this.#lost();
    }
  }
}

function downOr(thrown: unknown): unknown {
  const code = codeOf(thrown);
  if (code !== 'PEER_GONE' && code !== 'COMPANION_DOWN') return thrown;
  return new WorldError('AGENT_DOWN', messageOf(thrown), {}, thrown);
}
