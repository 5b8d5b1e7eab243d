import { isApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import { messageOf } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Blocked } from '../plan/plan.ts';
import { failureOf } from './failure-of.ts';
import type { PlannedOperation } from './operations.ts';

/** The operation a transaction failed at. A transaction of one does not say which. */
export function failedAt(thrown: unknown, operations: readonly PlannedOperation[]): PlannedOperation | null {
  if (!isApiError(thrown)) return null;
  return operations[thrown.details.operationIndex ?? (operations.length === 1 ? 0 : -1)] ?? null;
}

/**
 * Every object of a refused transaction that the API refuses, found by trying the rest without effect: a transaction fails at
 * the first, and to learn of a hundred one by one would take a hundred plans.
 */
export async function refusals(
  client: Client,
  caller: Caller,
  operations: readonly PlannedOperation[],
): Promise<readonly Blocked[]> {
  const refused: Blocked[] = [];
  let rest = operations;
  while (refused.length < limits.refusalsPerAttemptMax && rest.length > 0) {
    let failed: PlannedOperation | null = null;
    try {
      await client.transact(
        rest.map(({ operation }) => operation),
        { ...caller, dryRun: true },
      );
    } catch (thrown) {
      failed = failedAt(thrown, rest);
      if (failed === null) return refused;
      if (failed.change !== null && failureOf(thrown, failed.operation) === 'refused')
        refused.push({ ref: failed.change.ref, reason: 'refused', detail: messageOf(thrown) });
    }
    if (failed === null) return refused;
    const at = rest.indexOf(failed);
    rest = rest.filter((_, index) => index !== at);
  }
  return refused;
}
