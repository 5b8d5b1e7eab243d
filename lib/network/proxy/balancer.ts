import type { EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Backend } from './proxy-table.ts';

/** Chooses backends of one listener. */
export interface Balancer {
  /** Keeps what it knows of backends that stay. */
  update(backends: readonly Backend[], affinitySeconds: number | null): void;
  /** All backends in the order to try them for a connection of `client`: its own first, else the next in turn. */
  order(client: string, now: EpochMs): readonly Backend[];
  /** Whether it is one of those to choose from. */
  has(backend: Backend): boolean;
  /** The connection of `client` went to `backend`. */
  chosen(client: string, backend: Backend, now: EpochMs): void;
}

type Kept = { readonly key: string; readonly untilMs: EpochMs };

/** Round robin; with affinity a client keeps its backend until it was away for the time-out or the backend is gone. */
export function balancer(): Balancer {
  let backends: readonly Backend[] = [];
  let affinityMs: number | null = null;
  let turn = 0;
  /** In the order of last use; the oldest is forgotten when there are too many. */
  const kept = new Map<string, Kept>();
  return {
    update: (next, affinitySeconds) => {
      backends = next;
      affinityMs = affinitySeconds === null ? null : affinitySeconds * 1000;
      if (affinityMs === null) kept.clear();
    },
    order: (client, now) => {
      if (backends.length === 0) return [];
      const start = turn % backends.length;
      turn = (start + 1) % backends.length;
      const inTurn = [...backends.slice(start), ...backends.slice(0, start)];
      const own = kept.get(client);
      if (own === undefined || own.untilMs <= now) return inTurn;
      const mine = inTurn.filter((backend) => keyOf(backend) === own.key);
      return [...mine, ...inTurn.filter((backend) => keyOf(backend) !== own.key)];
    },
    has: (backend) => backends.some((one) => keyOf(one) === keyOf(backend)),
    chosen: (client, backend, now) => {
      if (affinityMs === null) return;
      kept.delete(client);
      kept.set(client, { key: keyOf(backend), untilMs: now + affinityMs });
      const oldest = kept.size > limits.proxyClientsMax ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}

function keyOf({ address, port }: Backend): string {
  return `${address}:${port}`;
}
