import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { FieldPath } from '../finding.ts';
import { linearPattern } from '../pattern/linear-pattern.ts';
import { PatternError } from '../pattern/pattern-node.ts';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  type Wording,
} from '../wording.ts';
import { checkDefault } from './check-default.ts';
import { checkJunctors } from './check-junctors.ts';
import {
  isEmbedded,
  isIntOrString,
  keepsUnknown,
  nodeAt,
  propertiesOf,
  type SchemaNode,
  textsOf,
} from './structural-schema.ts';

/** Hears what is wrong, and where. */
export type Say = (path: FieldPath, wording: Wording) => void;

type Level = 'root' | 'field' | 'item';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const OF_LEVEL: Readonly<Record<Level, string>> = {
  root: 'at the root',
  field: 'for specified object fields',
  item: 'for specified array items',
};

/** Keywords of JSON schema that definitions may not use. Source: apiextensions validation. */
const NOT_SUPPORTED = [
  '$ref',
  'definitions',
  'dependencies',
  'id',
  'patternProperties',
  'additionalItems',
  '$schema',
];

/**
 * Whether the schema of a version is structural: every value has one type, said outside of allOf, anyOf, oneOf and not; with what else
 * Kubernetes asks of it. Source: apiextensions-apiserver schema and validation.
 */
export function checkStructural(root: SchemaNode, path: FieldPath, say: Say): void {
  const budget = { nodes: limits.structuralNodesMax };
  const { metadata } = nodeAt(root, 'properties') ?? {};
  if (isObject(metadata)) checkMetadata(metadata, [...path, 'properties', 'metadata'], say);
  checkNode(root, { path, level: 'root', say, budget, depth: 0 });
}

type Place = {
  readonly path: FieldPath;
  readonly level: Level;
  readonly say: Say;
  readonly budget: { nodes: number };
  readonly depth: number;
};

function checkNode(node: SchemaNode, place: Place): void {
  const { path, say, budget, depth } = place;
  budget.nodes -= 1;
  if (budget.nodes === 0)
    say(path, forbiddenField(`a schema has at most ${limits.structuralNodesMax} nodes`));
  if (budget.nodes <= 0 || depth > limits.objectDepthMax / 2) return;
  checkType(node, place);
  checkKeywords(node, path, say);
  checkLists(node, path, say);
  checkJunctors(node, path, say);
  checkDefault(node, path, say);
  const below = (name: FieldPath, level: Level): Place => ({
    ...{ say, budget, level },
    path: [...path, ...name],
    depth: depth + 1,
  });
  for (const [name, property] of propertiesOf(node)) {
    if (place.level === 'root' && name === 'metadata') continue;
    checkNode(property, below(['properties', name], 'field'));
  }
  const others = nodeAt(node, 'additionalProperties');
  if (others !== undefined) checkNode(others, below(['additionalProperties'], 'field'));
  const items = nodeAt(node, 'items');
  if (items !== undefined) checkNode(items, below(['items'], 'item'));
}

function checkType(node: SchemaNode, { path, level, say }: Place): void {
  const type = typeof node.type === 'string' ? node.type : '';
  const at = [...path, 'type'];
  if (isIntOrString(node)) {
    if (type !== '') say(at, forbiddenField('must be empty if x-kubernetes-int-or-string is true'));
    return;
  }
  if (type === '') {
    if (level === 'root') say(at, requiredValue('must not be empty at the root'));
    else if (!keepsUnknown(node) || isEmbedded(node))
      say(at, requiredValue(`must not be empty ${OF_LEVEL[level]}`));
    return;
  }
  if (!TYPES.includes(type)) say(at, notSupported(type, TYPES));
  else if (level === 'root' && type !== 'object') say(at, invalidValue(type, 'must be object at the root'));
  if (isEmbedded(node)) {
    if (type !== 'object')
      say(at, invalidValue(type, 'must be object if x-kubernetes-embedded-resource is true'));
    if (propertiesOf(node).length === 0 && !keepsUnknown(node)) {
      const why =
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
      say([...path, 'properties'], requiredValue(why));
    }
  }
  if (type === 'array' && !isObject(node.items)) {
    const why = isArray(node.items) ? 'items must be a schema object and not an array' : 'must be specified';
    say([...path, 'items'], isArray(node.items) ? forbiddenField(why) : requiredValue(why));
  }
}

function checkKeywords(node: SchemaNode, path: FieldPath, say: Say): void {
  for (const name of NOT_SUPPORTED)
    if (node[name] !== undefined && node[name] !== null && node[name] !== '')
      say([...path, name], forbiddenField(`${name} is not supported`));
  if (node.uniqueItems === true)
    say(
      [...path, 'uniqueItems'],
      forbiddenField('uniqueItems cannot be set to true since the runtime complexity becomes quadratic'),
    );
  const others = [...path, 'additionalProperties'];
  if (node.additionalProperties === false)
    say(others, forbiddenField('additionalProperties cannot be set to false'));
  else if (node.additionalProperties !== undefined && propertiesOf(node).length > 0)
    say(others, forbiddenField('additionalProperties and properties are mutual exclusive'));
  if (node['x-kubernetes-preserve-unknown-fields'] === false)
    say([...path, 'x-kubernetes-preserve-unknown-fields'], invalidValue(false, 'must be true or undefined'));
  if (typeof node.pattern === 'string') checkPattern(node.pattern, [...path, 'pattern'], say);
}

export function checkPattern(pattern: string, path: FieldPath, say: Say): void {
  try {
    linearPattern(pattern);
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    say(path, invalidValue(pattern, `must be a valid regular expression, but isn't: ${thrown.message}`));
  }
}

function checkLists(node: SchemaNode, path: FieldPath, say: Say): void {
  const listType = node['x-kubernetes-list-type'];
  const mapType = node['x-kubernetes-map-type'];
  const keys = node['x-kubernetes-list-map-keys'];
  if (mapType !== undefined) {
    const at = [...path, 'x-kubernetes-map-type'];
    if (mapType !== 'granular' && mapType !== 'atomic')
      say(at, notSupported(mapType, ['granular', 'atomic']));
    if (node.type !== 'object')
      say(
        [...path, 'type'],
        invalidValue(node.type ?? '', 'must be object if x-kubernetes-map-type is specified'),
      );
  }
  if (listType === undefined) {
    if (keys !== undefined)
      say(
        [...path, 'x-kubernetes-list-type'],
        requiredValue('must be map if x-kubernetes-list-map-keys is non-empty'),
      );
    return;
  }
  const at = [...path, 'x-kubernetes-list-type'];
  if (listType !== 'atomic' && listType !== 'set' && listType !== 'map')
    say(at, notSupported(listType, ['atomic', 'map', 'set']));
  if (node.type !== 'array')
    say(
      [...path, 'type'],
      invalidValue(node.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    );
  const items = nodeAt(node, 'items') ?? {};
  if (listType === 'map') checkMapKeys(items, textsOf(keys), path, say);
  else if (keys !== undefined)
    say(
      [...path, 'x-kubernetes-list-map-keys'],
      forbiddenField('must be empty if x-kubernetes-list-type is not map'),
    );
  if (listType === 'set' && items.nullable === true)
    say(
      [...path, 'items', 'nullable'],
      forbiddenField('cannot be nullable when x-kubernetes-list-type is set'),
    );
}

function checkMapKeys(items: SchemaNode, keys: readonly string[], path: FieldPath, say: Say): void {
  const at = [...path, 'x-kubernetes-list-map-keys'];
  if (keys.length === 0) say(at, requiredValue('must not be empty if x-kubernetes-list-type is map'));
  if (items.type !== 'object')
    say(
      [...path, 'items', 'type'],
      invalidValue(items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    );
  const seen = new Set<string>();
  const properties: JsonObject = nodeAt(items, 'properties') ?? {};
  for (const [index, key] of keys.entries()) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (seen.has(key)) say([...at, index], duplicateValue(key));
    seen.add(key);
    if (!isObject(property))
      say([...at, index], invalidValue(key, "must be a property of the array's items"));
    else if (property.type === 'object' || property.type === 'array')
      say(
        [...path, 'items', 'properties', key, 'type'],
        invalidValue(property.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"),
      );
    else if (property.default === undefined && !textsOf(items.required).includes(key))
      say(
        [...path, 'items', 'properties', key, 'default'],
        requiredValue(
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
  }
}

/** Metadata is there by itself; a schema may only narrow its names. */
function checkMetadata(metadata: JsonObject, path: FieldPath, say: Say): void {
  if (metadata.type !== 'object' && metadata.type !== undefined)
    say([...path, 'type'], invalidValue(metadata.type as JsonValue, 'must be object'));
  const narrowed = propertiesOf(metadata).every(([name]) => name === 'name' || name === 'generateName');
  const known = new Set(['type', 'description', 'properties']);
  if (!narrowed || Object.keys(metadata).some((name) => !known.has(name)))
    say(
      path,
      forbiddenField(
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
}
