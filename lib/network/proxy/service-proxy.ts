import type { Clock } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';
import { addressesIn } from '../own-address.ts';
import { type Balancer, balancer } from './balancer.ts';
import { type ConnectionCount, type Listening, listenAt } from './listen.ts';
import type { ListenFailure, ProxyListener, ProxyTable } from './proxy-table.ts';

type Held = {
  listener: ProxyListener;
  readonly balancer: Balancer;
  state: 'closed' | 'opening' | 'listening' | 'failed';
  listening: Listening | null;
  failure: string | null;
};

/**
 * Makes the machine listen as a table says. A place whose Service has no backends is not listened at: connecting is refused, as a
 * cluster does it, and a pod may take the port for itself. A place that cannot be had is tried again for as long as it is wanted.
 */
export class ServiceProxy {
  readonly #clock: Clock;
  readonly #onFailures: (failures: readonly ListenFailure[]) => void;
  readonly #held = new Map<string, Held>();
  readonly #connections: ConnectionCount = { count: 0 };
  #closed = false;

  constructor(clock: Clock, onFailures: (failures: readonly ListenFailure[]) => void) {
    this.#clock = clock;
    this.#onFailures = onFailures;
  }

  /** Resolves once every new place is listened at or has failed. Connections that are open stay open. */
  async apply(table: ProxyTable): Promise<void> {
    const wanted = new Map(table.map((listener) => [placeKey(listener), listener]));
    for (const [key, held] of this.#held) {
      if (wanted.has(key)) continue;
      this.#held.delete(key);
      this.#close(held);
    }
    const opening: Promise<void>[] = [];
    for (const [key, listener] of wanted) {
      const held = this.#held.get(key) ?? newHeld(listener);
      this.#held.set(key, held);
      held.listener = listener;
      held.balancer.update(listener.backends, listener.affinitySeconds);
      if (listener.backends.length === 0) this.#close(held);
      else if (held.state === 'closed') opening.push(this.#open(key, held));
    }
    await Promise.all(opening);
  }

  failures(): readonly ListenFailure[] {
    return [...this.#held.values()].flatMap(({ listener, failure }) => {
      const { protocol, address, port, service, pod } = listener;
      const place = { protocol, address, port, service, ...(pod !== undefined && { pod }) };
      return failure === null ? [] : [{ ...place, code: failure }];
    });
  }

  close(): void {
    this.#closed = true;
    for (const held of this.#held.values()) this.#close(held);
  }

  async #open(key: string, held: Held): Promise<void> {
    held.state = 'opening';
    const isWanted = (): boolean => held.state === 'opening' && this.#held.get(key) === held && !this.#closed;
    try {
      const forwarding = {
        balancer: held.balancer,
        clock: this.#clock,
        connections: this.#connections,
        admits: (address: string) => admits(held.listener, address),
      };
      const listening = await listenAt(held.listener, forwarding);
      if (!isWanted()) {
        listening.close();
        return;
      }
      held.listening = listening;
      held.state = 'listening';
      this.#tellFailure(held, null);
    } catch (thrown) {
      if (!isWanted()) return;
      held.state = 'failed';
      this.#tellFailure(held, codeOf(thrown) ?? 'FAILED');
      this.#clock.setTimer(timings.proxyListenRetryMs, () => {
        if (held.state === 'failed' && this.#held.get(key) === held && !this.#closed)
          void this.#open(key, held);
      });
    }
  }

  #tellFailure(held: Held, code: string | null): void {
    if (held.failure === code) return;
    held.failure = code;
    this.#onFailures(this.failures());
  }

  #close(held: Held): void {
    held.state = 'closed';
    held.listening?.close();
    held.listening = null;
    this.#tellFailure(held, null);
  }
}

function admits({ sources }: ProxyListener, address: string): boolean {
  return sources === undefined || sources.some((range) => addressesIn(range)(address));
}

function newHeld(listener: ProxyListener): Held {
  return { listener, balancer: balancer(), state: 'closed', listening: null, failure: null };
}

function placeKey({ protocol, address, port }: ProxyListener): string {
  return `${protocol} ${address}:${port}`;
}
