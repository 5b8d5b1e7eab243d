import type { KindRef, KubeObject } from '../schema/object.ts';
import type { Caller, Client } from './client.ts';
import { type Informer, informer } from './informer.ts';

/** One informer a kind, shared by all who ask. */
export type Informers = {
  of<T extends KubeObject = KubeObject>(kind: KindRef): Informer<T>;
  /** Resolves when every informer asked for so far has its first list. */
  synced(): Promise<void>;
  stop(): void;
};

export function informers(client: Client, caller: Caller): Informers {
  const byKind = new Map<string, Informer>();
  return {
    of<T extends KubeObject>(kind: KindRef): Informer<T> {
      const key = `${kind.group}/${kind.kind}`;
      const known = byKind.get(key) ?? informer(client, { group: kind.group, kind: kind.kind }, caller);
      byKind.set(key, known);
      return known as Informer<T>;
    },
    async synced() {
      await Promise.all([...byKind.values()].map((each) => each.synced));
    },
    stop() {
      for (const each of byKind.values()) each.stop();
    },
  };
}
