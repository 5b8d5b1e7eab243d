import { bootstrapNamespaces } from '../api/bootstrap.ts';
import type { Client } from '../api/client.ts';
import { localClient } from '../api/local-client.ts';
import type { ApiSettings } from '../api/write-context.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { Schema } from '../schema/schema.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';

export const testSettings: ApiSettings = {
  serviceRange: '127.96.0.0/16',
  nodePortRange: { from: 30_000, to: 32_767 },
  allowHostAccess: false,
};

/** A Client over a store in memory (unless given another), with the namespaces every cluster has. */
export async function localApi(
  options: {
    readonly clock?: Clock;
    readonly seed?: number;
    readonly store?: Store;
    readonly settings?: Partial<ApiSettings>;
    readonly schema?: Schema;
  } = {},
): Promise<{ readonly client: Client; readonly store: Store }> {
  const store = options.store ?? memoryStore();
  const client = localClient({
    store,
    schema: options.schema ?? builtinSchema(),
    clock: options.clock ?? systemClock({ keepAlive: false }),
    random: seededRandom(options.seed ?? 1),
    log: silentLog(),
    settings: { ...testSettings, ...options.settings },
  });
  await bootstrapNamespaces(client);
  return { client, store };
}
