import type { EpochMs } from '../../base/clock.ts';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { AGE, type Column, type ColumnType, NAME } from './column.ts';
import { since } from './human-duration.ts';
import { type JsonPath, parseJsonPath, valuesAt } from './json-path.ts';
import { itemsAt, numberAt, textAt } from './member-at.ts';

const TYPES: readonly ColumnType[] = ['string', 'integer', 'number', 'boolean', 'date'];

/**
 * The columns that a version of a CustomResourceDefinition asks for in `additionalPrinterColumns`, after the name; name and age
 * when it asks for none. A column whose path cannot be read stays empty.
 */
export function customColumns(version: JsonObject | undefined): readonly Column[] {
  const rows = itemsAt(version, 'additionalPrinterColumns').slice(0, limits.printerColumnsMax);
  if (rows.length === 0) return [NAME, AGE];
  return [NAME, ...rows.map(customColumn)];
}

function customColumn(row: JsonObject): Column {
  const type = TYPES.find((known) => known === row.type) ?? 'string';
  const path = parseJsonPath(textAt(row, 'jsonPath'));
  const [format, description] = [textAt(row, 'format'), textAt(row, 'description')];
  return {
    name: textAt(row, 'name'),
    type,
    priority: numberAt(row, 'priority'),
    ...(format === '' ? {} : { format }),
    ...(description === '' ? {} : { description }),
    cell: (object, now) => (path === null ? null : cellOf(path, type, object, now)),
  };
}

function cellOf(path: JsonPath, type: ColumnType, object: JsonObject, now: EpochMs): JsonValue {
  const values = valuesAt(path, object);
  const [first] = values;
  if (first === undefined || first === null) return null;
  switch (type) {
    case 'integer':
      return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date':
      return since(first, now);
    case 'string':
      return values.map(plainText).join(' ');
  }
}

function plainText(value: JsonValue): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
