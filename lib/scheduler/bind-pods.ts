import { isApiError } from '../api/api-error.ts';
import type { Caller, Client, Operation } from '../api/client.ts';
import type { EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { refOf } from '../schema/object.ts';
import { type Binding, scheduledStatus } from './decide.ts';

/**
 * Binds pods, many in one transaction. Where one of them is gone or has changed, the others of its transaction are bound one by
 * one and it is left for its change to bring back. Calls `onBound` for each as it is done.
 */
export async function bindPods(
  bindings: readonly Binding[],
  by: {
    readonly client: Client;
    readonly caller: Caller;
    readonly now: EpochMs;
    readonly onBound: (binding: Binding) => void;
  },
): Promise<void> {
  const bind = async (batch: readonly Binding[]): Promise<boolean> => {
    try {
      await by.client.transact(
        batch.flatMap((each) => operations(each, by.now)),
        by.caller,
      );
    } catch (failure) {
      if (!isApiError(failure, 'Conflict', 'NotFound', 'Invalid')) throw failure;
      return false;
    }
    for (const each of batch) by.onBound(each);
    return true;
  };
  for (let at = 0; at < bindings.length; at += limits.bindingsPerTransactionMax) {
    const batch = bindings.slice(at, at + limits.bindingsPerTransactionMax);
    if ((await bind(batch)) || batch.length === 1) continue;
    for (const each of batch) await bind([each]);
  }
}

/** The node's name and the condition that says so, together. Only for the very pod that was decided on. */
function operations({ pod, nodeName }: Binding, now: EpochMs): readonly Operation[] {
  const { uid = '', resourceVersion = '' } = pod.metadata;
  const ref = refOf(pod);
  const { conditions = [] } = scheduledStatus(pod, { bound: true }, now);
  return [
    {
      op: 'patch',
      ref,
      patch: { type: 'json', operations: [{ op: 'add', path: '/spec/nodeName', value: nodeName }] },
      preconditions: { uid, resourceVersion },
    },
    {
      op: 'patch',
      ref,
      patch: { type: 'json', operations: [{ op: 'add', path: '/status/conditions', value: conditions }] },
      subresource: 'status',
    },
  ];
}
