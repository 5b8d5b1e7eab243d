import type { Operation } from '../api/client.ts';
import { assertNever } from '../base/errors.ts';
import { type InventoryRow, inventoryObject, inventoryRef } from '../plan/inventory.ts';
import type { Plan, PlannedChange } from '../plan/plan.ts';
import { refKey } from '../schema/object.ts';

/** One operation with the object it is for: the API's answer is told to the user by that object. */
export type PlannedOperation = { readonly operation: Operation; readonly change: PlannedChange | null };

/**
 * The operations that make a plan true, in order: prunes first (what they hold, a node port say, becomes free), then
 * creates and patches in apply order.
 */
export function objectOperations(plan: Plan): readonly PlannedOperation[] {
  const prunes = plan.changes.filter((change) => change.action === 'prune');
  const others = plan.changes.filter((change) => change.action !== 'prune');
  return [...prunes, ...others].map((change) => ({ operation: operationOf(change), change }));
}

/** The operations that make the inventory say what a plan did. */
export function recordOperations(
  { rows, droppedRows }: Pick<Plan, 'rows' | 'droppedRows'>,
  inventory: ReadonlyMap<string, InventoryRow>,
): readonly PlannedOperation[] {
  const kept = rows.map((row): PlannedOperation => {
    const op = inventory.has(refKey(row.ref)) ? 'update' : 'create';
    return { operation: { op, object: inventoryObject(row) }, change: null };
  });
  const dropped = droppedRows.flatMap((ref): readonly PlannedOperation[] => {
    const row = inventory.get(refKey(ref));
    return row === undefined ? [] : [{ operation: { op: 'delete', ref: inventoryRef(row) }, change: null }];
  });
  return [...kept, ...dropped];
}

function operationOf(change: PlannedChange): Operation {
  switch (change.action) {
    case 'create':
      return { op: 'create', object: change.object };
    case 'patch': {
      const preconditions = { resourceVersion: change.resourceVersion };
      return {
        op: 'patch',
        ref: change.ref,
        patch: { type: 'json', operations: change.operations },
        preconditions,
      };
    }
    case 'replace': {
      // CRASH: the same transaction writes what is to come into the inventory. From here on every plan finds the object named in git
      // and not live, and creates it, once it is gone.
      const { uid } = change.live.metadata;
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      return {
        op: 'delete',
        ref: change.ref,
        options: { propagation: change.propagation, ...preconditions },
      };
    }
    case 'prune': {
      const uid = change.live?.metadata.uid;
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      return { op: 'delete', ref: change.ref, options: { propagation: 'Background', ...preconditions } };
    }
    default:
      return assertNever(change);
  }
}
