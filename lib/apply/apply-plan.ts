import { isApiError } from '../api/api-error.ts';
import type { Caller, Client, Operation } from '../api/client.ts';
import type { ApplyReport } from '../plan/apply-report.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import type { Blocked, Plan, PlannedChange } from '../plan/plan.ts';
import { type SourceState, sourceObject } from '../plan/source-state.ts';
import { failedOperation } from './failed-operation.ts';
import { operationsOf, type PlannedOperation } from './operations.ts';

export type ApplyInput = {
  readonly client: Client;
  readonly caller: Caller;
  readonly plan: Plan;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  /** The state to record with the plan; null when nothing of it changed. */
  readonly state: SourceState | null;
  readonly stateExists: boolean;
};

/**
 * One attempt to make a plan true. With transactions: all of it in one commit, with the record that says so. Without
 * (a remote cluster): the record first, then one object after another; dying in between leaves a record that says what
 * was meant, and the next plan finds what is still missing.
 */
export async function applyPlan(input: ApplyInput): Promise<ApplyReport> {
  const operations = operationsOf(input.plan, input.inventory);
  const record: readonly Operation[] =
    input.state === null
      ? []
      : [{ op: input.stateExists ? 'update' : 'create', object: sourceObject(input.state) }];
  if (operations.length + record.length === 0) return report(input, 'unchanged');
  return input.client.transactional
    ? applyAtOnce(input, operations, record)
    : applyOneByOne(input, operations, record);
}

async function applyAtOnce(
  input: ApplyInput,
  operations: readonly PlannedOperation[],
  record: readonly Operation[],
): Promise<ApplyReport> {
  try {
    await input.client.transact([...operations.map(({ operation }) => operation), ...record], input.caller);
  } catch (thrown) {
    if (isApiError(thrown, 'Conflict', 'AlreadyExists', 'NotFound')) return report(input, 'conflict');
    const failed = isApiError(thrown) ? failedOperation(thrown, operations) : null;
    if (failed === null) throw thrown;
    return report(input, 'refused', [failed]);
  }
  return report(input, 'applied');
}

async function applyOneByOne(
  input: ApplyInput,
  operations: readonly PlannedOperation[],
  record: readonly Operation[],
): Promise<ApplyReport> {
  await runEach(input, record);
  const refused: Blocked[] = [];
  let conflict = false;
  for (const planned of operations) {
    try {
      await runEach(input, [planned.operation]);
    } catch (thrown) {
      if (!isApiError(thrown)) throw thrown;
      const { reason } = thrown;
      if (reason === 'Conflict' || reason === 'AlreadyExists') conflict = true;
      else if (reason === 'NotFound' && planned.operation.op === 'delete') continue;
      else if (planned.change === null) throw thrown;
      else refused.push({ ref: planned.change.ref, reason: 'refused', detail: thrown.message });
    }
  }
  if (refused.length > 0) return report(input, 'refused', refused);
  return report(input, conflict ? 'conflict' : 'applied');
}

async function runEach({ client, caller }: ApplyInput, operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) {
    switch (operation.op) {
      case 'create':
        await client.create(operation.object, caller);
        break;
      case 'update':
        await client.update(operation.object, caller);
        break;
      case 'patch':
        await client.patch(
          operation.ref,
          operation.patch,
          caller,
          operation.preconditions === undefined ? {} : { preconditions: operation.preconditions },
        );
        break;
      case 'delete':
        await client.delete(operation.ref, operation.options ?? {}, caller);
        break;
    }
  }
}

function report(
  input: ApplyInput,
  outcome: ApplyReport['outcome'],
  refused: readonly Blocked[] = [],
): ApplyReport {
  const done =
    outcome === 'applied'
      ? input.plan.changes.map(({ ref, action }: PlannedChange) => ({ ref, action }))
      : [];
  return { revision: input.plan.revision, outcome, done, refused };
}
