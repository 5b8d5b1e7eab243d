import { isApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import type { ObjectRef } from '../schema/object.ts';

const KIND = { group: 'pintle.dev', kind: 'StoppedNode' } as const;
const refOf = (name: string): ObjectRef => ({ ...KIND, namespace: '', name });

/**
 * The nodes that somebody stopped, by name, in the store: a machine that is off stays off, whoever restarts the daemon and whatever
 * becomes of the Node object.
 */
export type StoppedNodes = {
  has(name: string): boolean;
  add(name: string): Promise<void>;
  remove(name: string): Promise<void>;
};

export async function stoppedNodes(client: Client, caller: Caller): Promise<StoppedNodes> {
  const { items } = await client.list(KIND, {}, caller);
  const names = new Set(items.map(({ metadata }) => metadata.name));
  return {
    has: (name) => names.has(name),
    async add(name) {
      if (names.has(name)) return;
      await client.create({ apiVersion: 'pintle.dev/v1', kind: KIND.kind, metadata: { name } }, caller);
      names.add(name);
    },
    async remove(name) {
      if (!names.has(name)) return;
      await client.delete(refOf(name), {}, caller).catch((failure: unknown) => {
        if (!isApiError(failure, 'NotFound')) throw failure;
      });
      names.delete(name);
    },
  };
}
