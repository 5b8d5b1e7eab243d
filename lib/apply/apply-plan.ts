import type { Caller, Client, Operation } from '../api/client.ts';
import { assertNever, InvariantError, messageOf } from '../base/errors.ts';
import type { ApplyReport } from '../plan/apply-report.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import type { Blocked, Plan } from '../plan/plan.ts';
import { type SourceState, sourceObject } from '../plan/source-state.ts';
import { refKey } from '../schema/object.ts';
import { failureOf } from './failure-of.ts';
import { objectOperations, type PlannedOperation, recordOperations } from './operations.ts';
import { failedAt, refusals } from './refusals.ts';

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
  const { plan, inventory, state } = input;
  const objects = objectOperations(plan);
  const rows = recordOperations(plan, inventory);
  const states: readonly PlannedOperation[] =
    state === null
      ? []
      : [
          {
            operation: { op: input.stateExists ? 'update' : 'create', object: sourceObject(state) },
            change: null,
          },
        ];
  if (objects.length + rows.length + states.length === 0) return nothingDone(plan, 'unchanged');
  return input.client.transactional
    ? applyAtOnce(input, [...objects, ...rows, ...states])
    : applyOneByOne(input, objects, states);
}

async function applyAtOnce(input: ApplyInput, operations: readonly PlannedOperation[]): Promise<ApplyReport> {
  const { client, caller, plan } = input;
  try {
    await client.transact(
      operations.map(({ operation }) => operation),
      caller,
    );
  } catch (thrown) {
    const failed = failedAt(thrown, operations);
    const failure = failed === null ? 'world' : failureOf(thrown, failed.operation);
    if (failed === null || failure === 'world') throw thrown;
    if (failure !== 'refused') return nothingDone(plan, 'conflict');
    // Nothing of git's is at fault: to plan without it would not help.
    if (failed.change === null) throw thrown;
    const refused = await refusals(client, caller, operations);
    return refused.length === 0
      ? nothingDone(plan, 'conflict')
      : { ...nothingDone(plan, 'refused'), refused };
  }
  const done = plan.changes.map(({ ref, action }) => ({ ref, action }));
  const { rows, droppedRows } = plan;
  return { ...nothingDone(plan, 'applied'), done, written: { rows, droppedRows }, recorded: true };
}

async function applyOneByOne(
  input: ApplyInput,
  objects: readonly PlannedOperation[],
  states: readonly PlannedOperation[],
): Promise<ApplyReport> {
  const { plan } = input;
  for (const { operation } of states) await run(input, operation);
  const refused: Blocked[] = [];
  const done: Done[] = [];
  const left = new Set<string>();
  let interruptedBy: unknown;
  for (const { operation, change } of objects) {
    if (change === null) continue;
    const { ref, action } = change;
    const thrown = interruptedBy === undefined ? await attempt(input, operation) : interruptedBy;
    const failure = thrown === null ? 'done' : failureOf(thrown, operation);
    if (failure === 'done') done.push({ ref, action });
    else left.add(refKey(ref));
    if (failure === 'refused') refused.push({ ref, reason: 'refused', detail: messageOf(thrown) });
    if (failure === 'world') interruptedBy = thrown;
  }
  // An object that was not changed keeps the base it was last applied with.
  const written = {
    rows: plan.rows.filter(({ ref }) => !left.has(refKey(ref))),
    droppedRows: plan.droppedRows.filter((ref) => !left.has(refKey(ref))),
  };
  if (interruptedBy !== undefined) {
    const nothing = nothingDone(plan, 'interrupted');
    return { ...nothing, done, refused, recorded: true, interruptedBy };
  }
  for (const { operation } of recordOperations(written, input.inventory)) await run(input, operation);
  const outcome = refused.length > 0 ? 'refused' : left.size > 0 ? 'conflict' : 'applied';
  return { ...nothingDone(plan, outcome), done, refused, written, recorded: true };
}

type Done = ApplyReport['done'][number];

/** What the operation threw; null: it went well. */
async function attempt(input: ApplyInput, operation: Operation): Promise<unknown> {
  try {
    await run(input, operation);
    return null;
  } catch (thrown) {
    if (thrown instanceof InvariantError) throw thrown;
    return thrown;
  }
}

async function run({ client, caller }: ApplyInput, operation: Operation): Promise<void> {
  switch (operation.op) {
    case 'create':
      await client.create(operation.object, caller);
      return;
    case 'update':
      await client.update(operation.object, caller);
      return;
    case 'patch': {
      const { ref, patch, preconditions } = operation;
      await client.patch(ref, patch, caller, preconditions === undefined ? {} : { preconditions });
      return;
    }
    case 'delete':
      await client.delete(operation.ref, operation.options ?? {}, caller);
      return;
    default:
      assertNever(operation);
  }
}

function nothingDone(plan: Plan, outcome: ApplyReport['outcome']): ApplyReport {
  const written = { rows: [], droppedRows: [] };
  return { revision: plan.revision, outcome, done: [], refused: [], written, recorded: false };
}
