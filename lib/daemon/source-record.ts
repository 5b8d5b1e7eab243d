import type { Caller, Client } from '../api/client.ts';
import { canonicalJson, deepEqual } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { type InventoryRow, inventoryKind, inventoryObject, inventoryRow } from '../plan/inventory.ts';
import { normalised } from '../plan/normalise.ts';
import type { Plan } from '../plan/plan.ts';
import {
  emptySourceState,
  type SourceSpec,
  type SourceState,
  sourceObject,
  sourceRef,
  sourceState,
} from '../plan/source-state.ts';
import { type KubeObject, refKey } from '../schema/object.ts';

/**
 * What is stored of a source: its state and inventory, mirrored in memory. This process is their only writer (the store
 * has one daemon), so the mirror is brought up to date with each write that succeeded and never read again.
 */
export type SourceRecord = {
  /** By refKey. Another value whenever a row changes. */
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly state: SourceState;
  readonly stateExists: boolean;
  /** The state to write with the next operations; null when it says nothing new. */
  pending(next: SourceState): SourceState | null;
  /** Takes over what a transaction has written. */
  written(plan: Pick<Plan, 'rows' | 'droppedRows'>, state: SourceState | null): void;
  /** After a restart, rows hold copies of what manifests say: from here on they hold the very objects. */
  share(desired: ManifestSet): void;
  /** Writes the state alone. */
  writeState(state: SourceState): Promise<void>;
  /** Writes rows alone: those of one list in one transaction, several lists in one as long as they are few. */
  writeRows(lists: readonly (readonly InventoryRow[])[]): Promise<void>;
};

export async function loadSourceRecord(
  client: Client,
  caller: Caller,
  spec: SourceSpec,
): Promise<SourceRecord> {
  let inventory = new Map<string, InventoryRow>();
  const rows = await client.list(inventoryKind, { labelSelector: `pintle.dev/source=${spec.name}` }, caller);
  for (const object of rows.items) {
    const row = inventoryRow(object);
    if (row !== null && row.source === spec.name) inventory.set(refKey(row.ref), row);
  }
  const stored = await client.get(sourceRef(spec.name), caller);
  const known = stored === null ? null : sourceState(stored);
  // Another repository or branch than before is followed from where the one before has led.
  let state = known === null ? emptySourceState(spec) : { ...known, spec };
  let stateExists = stored !== null;
  const record: SourceRecord = {
    get inventory() {
      return inventory;
    },
    get state() {
      return state;
    },
    get stateExists() {
      return stateExists;
    },
    pending: (next) => (stateExists && canonicalJson(next) === canonicalJson(state) ? null : next),
    written(plan, next) {
      if (plan.rows.length + plan.droppedRows.length > 0) {
        inventory = new Map(inventory);
        for (const row of plan.rows) inventory.set(refKey(row.ref), row);
        for (const ref of plan.droppedRows) inventory.delete(refKey(ref));
      }
      if (next !== null) {
        state = next;
        stateExists = true;
      }
    },
    share({ objects }) {
      const rows = objects.flatMap(({ ref, object }) => {
        const row = inventory.get(refKey(ref));
        return row === undefined ? [] : (sharing(row, normalised(object)) ?? []);
      });
      record.written({ rows, droppedRows: [] }, null);
    },
    async writeState(next) {
      const object = sourceObject(next);
      if (stateExists) await client.update(object, caller);
      else await client.create(object, caller);
      record.written({ rows: [], droppedRows: [] }, next);
    },
    async writeRows(lists) {
      const written: InventoryRow[] = [];
      try {
        for (const rows of grouped(lists, limits.rowsPerTransaction)) {
          await client.transact(
            rows.map((row) => ({ op: 'update', object: inventoryObject(row) })),
            caller,
          );
          // CRASH: the lists that follow are as they were, and the next pass finds them again.
          for (const row of rows) written.push(row);
        }
      } finally {
        record.written({ rows: written, droppedRows: [] }, null);
      }
    },
  };
  return record;
}

/** Lists put together, each whole, until there are `enough` in one. */
function grouped<T>(lists: readonly (readonly T[])[], enough: number): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (const list of lists) {
    const last = groups.at(-1);
    if (last === undefined || last.length >= enough) groups.push([...list]);
    else last.push(...list);
  }
  return groups;
}

/** The row with `said` in the place of its own copy of it; null when it holds no such copy. */
function sharing(row: InventoryRow, said: KubeObject): InventoryRow | null {
  if (row.applied.object === said || !deepEqual(row.applied.object, said)) return null;
  const applied = { ...row.applied, object: said };
  return { ...row, applied, good: row.good === row.applied ? applied : row.good };
}
