import { isApiError } from '../api/api-error.ts';
import type { Caller, Client, Operation } from '../api/client.ts';
import { limits } from '../base/limits.ts';

/**
 * Writes many things, several in one transaction. Where one of them is gone or has changed, the others of its transaction are written one
 * by one. Calls `onDone` for each as it is written, `onRefused` for what was not.
 */
export async function writeInBatches<T>(
  things: readonly T[],
  by: {
    readonly client: Client;
    readonly caller: Caller;
    readonly operations: (thing: T) => readonly Operation[];
    readonly onDone: (thing: T) => void;
    readonly onRefused: (thing: T) => void;
  },
): Promise<void> {
  const write = async (batch: readonly T[]): Promise<boolean> => {
    try {
      await by.client.transact(batch.flatMap(by.operations), by.caller);
    } catch (failure) {
      if (!isApiError(failure, 'Conflict', 'NotFound', 'Invalid')) throw failure;
      return false;
    }
    for (const each of batch) by.onDone(each);
    return true;
  };
  for (let at = 0; at < things.length; at += limits.bindingsPerTransactionMax) {
    const batch = things.slice(at, at + limits.bindingsPerTransactionMax);
    if (await write(batch)) continue;
    for (const each of batch) if (batch.length === 1 || !(await write([each]))) by.onRefused(each);
  }
}
