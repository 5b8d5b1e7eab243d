import { isObject } from '../../base/json.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { forbiddenField, requiredValue } from '../wording.ts';
import type { Say } from './check-structural.ts';
import {
  isIntOrString,
  nodeAt,
  nodesAt,
  propertiesOf,
  propertyOf,
  type SchemaNode,
} from './structural-schema.ts';

/** What says what a value is, rather than which values are allowed: it stands outside of allOf, anyOf, oneOf and not. */
const STRUCTURE = [
  'additionalProperties',
  'default',
  'description',
  'nullable',
  'title',
  'type',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
];

const BOTH = [{ type: 'integer' }, { type: 'string' }];

/** Everything in allOf, anyOf, oneOf and not only narrows what stands beside it. Source: structural schema completeness. */
export function checkJunctors(node: SchemaNode, path: FieldPath, say: Say): void {
  for (const name of ['allOf', 'anyOf', 'oneOf']) {
    const rows = nodesAt(node, name);
    for (const [index, row] of rows.entries()) {
      if (isIntOrString(node) && mayRepeatType(row, name)) continue;
      checkNarrowing(row, { path: [...path, name, index], beside: node, outside: path, say });
    }
  }
  const not = nodeAt(node, 'not');
  if (not !== undefined) checkNarrowing(not, { path: [...path, 'not'], beside: node, outside: path, say });
}

/** An int-or-string may say its two types in anyOf, also as the first of an allOf. */
function mayRepeatType(row: SchemaNode, name: string): boolean {
  const types = (rows: readonly SchemaNode[]): boolean =>
    rows.length === BOTH.length && rows.every((each, at) => isOnlyType(each, BOTH[at]?.type));
  if (name === 'anyOf') return BOTH.some(({ type }) => isOnlyType(row, type));
  return name === 'allOf' && Object.keys(row).length === 1 && types(nodesAt(row, 'anyOf'));
}

function isOnlyType(node: SchemaNode, type: string | undefined): boolean {
  return node.type === type && Object.keys(node).length === 1;
}

type Narrowing = {
  readonly path: FieldPath;
  /** The structure that it narrows, and where that stands. */
  readonly beside: SchemaNode;
  readonly outside: FieldPath;
  readonly say: Say;
};

function checkNarrowing(row: SchemaNode, { path, beside, outside, say }: Narrowing): void {
  for (const name of STRUCTURE)
    if (row[name] !== undefined && row[name] !== false && row[name] !== '')
      say([...path, name], forbiddenField('must be empty to be structural'));
  for (const [name, property] of propertiesOf(row)) {
    const at = [...path, 'properties', name];
    const there = [...outside, 'properties', name];
    const same = propertyOf(beside, name) ?? nodeAt(beside, 'additionalProperties');
    if (same === undefined) say(there, requiredValue(`because it is defined in ${fieldPathText(at)}`));
    else checkNarrowing(property, { path: at, beside: same, outside: there, say });
  }
  if (isObject(row.items)) {
    const items = nodeAt(beside, 'items');
    const at = [...path, 'items'];
    if (items === undefined)
      say([...outside, 'items'], requiredValue(`because it is defined in ${fieldPathText(at)}`));
    else checkNarrowing(row.items, { path: at, beside: items, outside: [...outside, 'items'], say });
  }
  for (const name of ['allOf', 'anyOf', 'oneOf'])
    for (const [index, each] of nodesAt(row, name).entries())
      checkNarrowing(each, { path: [...path, name, index], beside, outside, say });
  const not = nodeAt(row, 'not');
  if (not !== undefined) checkNarrowing(not, { path: [...path, 'not'], beside, outside, say });
}
