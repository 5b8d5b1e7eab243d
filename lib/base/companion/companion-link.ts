import { codeOf, messageOf, WorldError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { timings } from '../limits.ts';
import type { Log } from '../log.ts';
import { type CompanionCall, connectCompanion, tryConnect } from './companion-client.ts';
import type { Peer, PeerListener } from './peer.ts';

export type CompanionLinkOptions = {
  readonly call: CompanionCall;
  readonly log: Log;
  /** Code of the WorldError that says the companion is not there, e.g. AGENT_DOWN. */
  readonly downCode: string;
  readonly onNotice: (event: string, data: JsonObject) => void;
  /** The companion went away and there is one again: anything may have changed meanwhile. */
  readonly onBack: () => void;
};

/** The daemon's end of a companion: one connection that comes back by itself, with a new companion at its other end if need be. */
export class CompanionLink {
  readonly #options: CompanionLinkOptions;
  #peer: Promise<Peer> | null = null;
  #closed = true;

  constructor(options: CompanionLinkOptions) {
    this.#options = options;
  }

  /** Connects, starting the companion where there is none. Throws WorldError: the down code, or COMPANION_INCOMPATIBLE. */
  async open(): Promise<void> {
    this.#closed = false;
    try {
      await this.#connected();
    } catch (thrown) {
      throw this.#downOr(thrown);
    }
  }

  /** Repeats the request once when the companion went away under it: only for requests that may be repeated. */
  async request(method: string, data: JsonObject): Promise<JsonValue> {
    try {
      return await (await this.#connected()).request(method, data);
    } catch (thrown) {
      if (codeOf(thrown) !== 'PEER_GONE' || this.#closed) throw this.#downOr(thrown);
    }
    try {
      return await (await this.#connected()).request(method, data);
    } catch (thrown) {
      throw this.#downOr(thrown);
    }
  }

  /** A connection of its own; the caller closes it. Throws WorldError with the down code. */
  async dedicated(listener: PeerListener): Promise<Peer> {
    try {
      await this.#connected();
      const peer = await tryConnect(this.#options.call, listener);
      if (peer !== null) return peer;
    } catch (thrown) {
      throw this.#downOr(thrown);
    }
    throw new WorldError(this.#options.downCode, `the ${this.#options.call.name} process does not answer`);
  }

  /** Asks the companion to end (`shut-down`), and waits until it has. Starts one where there is none: what it holds is to end too. */
  async shutDown(): Promise<void> {
    const peer = await this.#connected();
    this.#closed = true;
    await peer.request('shut-down', {});
    await peer.gone;
    this.#peer = null;
  }

  /** Leaves the companion running. */
  async close(): Promise<void> {
    this.#closed = true;
    const peer = await this.#peer?.catch(() => null);
    this.#peer = null;
    peer?.close();
  }

  #connected(): Promise<Peer> {
    if (this.#closed)
      return Promise.reject(new WorldError(this.#options.downCode, 'the connection is closed'));
    this.#peer ??= this.#connect();
    return this.#peer;
  }

  async #connect(): Promise<Peer> {
    try {
      const peer = await connectCompanion(this.#options.call, { onNotice: this.#options.onNotice });
      void peer.gone.then(() => this.#lost());
      return peer;
    } catch (thrown) {
      this.#peer = null;
      throw thrown;
    }
  }

  /** Another one at once: nobody does the companion's work meanwhile. */
  #lost(): void {
    this.#peer = null;
    if (this.#closed) return;
    this.#options.log.warn('companion-lost', { name: this.#options.call.name });
    this.#options.call.clock.setTimer(timings.companionReconnectMs, () => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#connected();
      this.#options.onBack();
    } catch (thrown) {
      this.#options.log.error('companion-down', {
        name: this.#options.call.name,
        message: messageOf(thrown),
      });
      this.#lost();
    }
  }

  #downOr(thrown: unknown): unknown {
    const code = codeOf(thrown);
    if (code !== 'PEER_GONE' && code !== 'COMPANION_DOWN') return thrown;
    return new WorldError(this.#options.downCode, messageOf(thrown), {}, thrown);
  }
}
