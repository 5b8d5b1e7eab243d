import type { ApiError } from '../api/api-error.ts';
import type { Blocked } from '../plan/plan.ts';
import type { PlannedOperation } from './operations.ts';

/** Which object a refused transaction was refused for: the API names the operation. Null: none of git's objects. */
export function failedOperation(error: ApiError, operations: readonly PlannedOperation[]): Blocked | null {
  const { operationIndex } = error.details;
  if (operationIndex === undefined) return null;
  const change = operations[operationIndex]?.change;
  return change === undefined || change === null
    ? null
    : { ref: change.ref, reason: 'refused', detail: error.message };
}
