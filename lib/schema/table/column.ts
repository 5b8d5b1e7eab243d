import type { EpochMs } from '../../base/clock.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { since } from './human-duration.ts';
import { textAt } from './member-at.ts';

export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date';

/** One column of a kind's table. */
export type Column = {
  /** kubectl prints it in capitals. */
  readonly name: string;
  readonly type: ColumnType;
  readonly format?: string;
  /** Above 0: only with `-o wide`. */
  readonly priority: number;
  readonly description?: string;
  readonly cell: (object: JsonObject, now: EpochMs) => JsonValue;
};

type Cell = Column['cell'];

export function text(name: string, cell: Cell): Column {
  return { name, type: 'string', priority: 0, cell };
}

export function integer(name: string, cell: Cell): Column {
  return { name, type: 'integer', priority: 0, cell };
}

/** The same column, shown only by `-o wide`. */
export function wide(column: Column): Column {
  return { ...column, priority: 1 };
}

export const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  cell: (object) => textAt(object, 'metadata', 'name'),
};

export const AGE: Column = text('Age', (object, now) =>
  since(textAt(object, 'metadata', 'creationTimestamp'), now),
);

/** As it stands, for kinds whose age says nothing. */
export const CREATED_AT: Column = {
  name: 'Created At',
  type: 'date',
  priority: 0,
  cell: (object) => textAt(object, 'metadata', 'creationTimestamp'),
};

/** The tables of kinds by `group/Kind`. */
export type ColumnsByKind = Readonly<Record<string, readonly Column[]>>;
