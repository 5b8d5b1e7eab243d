import { isApiError } from '../../api/api-error.ts';
import type { Lease, Node } from '../../schema/types.gen.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { leaseRefOf, renewedLease } from './node-lease.ts';

/** Renews the lease of a node: a small object of its own, so that a heartbeat is one small write. Rejects as the API does. */
export function leaseKeeper({ client, caller, clock, nodeName }: RuntimeEdge): (node: Node) => Promise<void> {
  /** As written last: it is read only where somebody else has written it. */
  let last: Lease | null = null;

  const write = async (node: Node): Promise<Lease> => {
    const lease = renewedLease(node, last, clock.now());
    return last === null ? client.create<Lease>(lease, caller) : client.update<Lease>(lease, caller);
  };
  return async (node) => {
    last ??= await client.get<Lease>(leaseRefOf(nodeName), caller);
    try {
      last = await write(node);
    } catch (failure) {
      if (!isApiError(failure, 'Conflict', 'NotFound', 'AlreadyExists')) throw failure;
      last = await client.get<Lease>(leaseRefOf(nodeName), caller);
      last = await write(node);
    }
  };
}
