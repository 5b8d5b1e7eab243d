import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { checkStructural, type Say } from '../custom/check-structural.ts';
import { parseFieldPath } from '../custom/field-path.ts';
import { nodeAt, propertiesOf, type SchemaNode } from '../custom/structural-schema.ts';
import type { FieldPath } from '../finding.ts';
import { checkDns1035Label, checkDns1123Subdomain } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { type At, type Rule, typeNamed } from '../rule.ts';
import { parseJsonPath } from '../table/json-path.ts';
import { forbiddenField, invalidValue, notSupported, requiredValue, tooMany } from '../wording.ts';

const CEL = 'x-kubernetes-validations';
const SCOPES = ['Cluster', 'Namespaced'];
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

/** Source: apiextensions validation.go. */
const definition: Rule = {
  on: typeNamed('apiextensions/v1.CustomResourceDefinition'),
  check(given: JsonObject, at: At) {
    const say: Say = (path, wording) => at.say('error', 'invalid-definition', path, wording);
    const spec = nodeAt(given, 'spec') ?? {};
    const names = nodeAt(spec, 'names') ?? {};
    const name = (given as KubeObject).metadata?.name;
    const wanted = `${String(names.plural)}.${String(spec.group)}`;
    if (typeof name === 'string' && name !== wanted)
      say(['metadata', 'name'], invalidValue(name, 'must be spec.names.plural+"."+spec.group'));
    checkHead(spec, say);
    checkNames(names, say);
    checkVersions(spec, given, say);
    checkConversion(spec, at, say);
    const rules = celRules(spec);
    if (rules !== null)
      at.warning('not-enforced', rules, 'is kept, and has no effect: rules in CEL are not evaluated');
  },
};

function checkHead(spec: JsonObject, say: Say): void {
  const { group, scope } = spec;
  if (typeof group === 'string' && group !== '') {
    for (const why of checkDns1123Subdomain(group)) say(['spec', 'group'], invalidValue(group, why));
    if (!group.includes('.'))
      say(['spec', 'group'], invalidValue(group, 'should be a domain with at least one dot'));
  }
  if (typeof scope === 'string' && !SCOPES.includes(scope))
    say(['spec', 'scope'], notSupported(scope, SCOPES));
  if (spec.preserveUnknownFields === true) {
    const why =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    say(['spec', 'preserveUnknownFields'], invalidValue(true, why));
  }
}

function checkNames(names: JsonObject, say: Say): void {
  const check = (value: JsonValue | undefined, path: FieldPath, kind = false): void => {
    if (typeof value !== 'string' || value === '') return;
    const mixed = kind ? 'may have mixed case, but should otherwise match: ' : '';
    for (const why of checkDns1035Label(kind ? value.toLowerCase() : value))
      say(['spec', 'names', ...path], invalidValue(value, `${mixed}${why}`));
  };
  check(names.plural, ['plural']);
  check(names.singular, ['singular']);
  check(names.kind, ['kind'], true);
  check(names.listKind, ['listKind'], true);
  for (const list of ['shortNames', 'categories'])
    for (const [index, value] of itemsOf(names[list]).entries()) check(value, [list, index]);
  if (typeof names.kind === 'string' && names.kind !== '' && names.kind === names.listKind)
    say(['spec', 'names', 'listKind'], invalidValue(names.listKind, 'kind and listKind may not be the same'));
}

function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

function checkVersions(spec: JsonObject, given: JsonObject, say: Say): void {
  const rows = itemsOf(spec.versions).filter(isObject);
  const names = rows.flatMap(({ name }) => name ?? []);
  const stored = rows.filter(({ storage }) => storage === true).length;
  const at = ['spec', 'versions'];
  if (stored !== 1) say(at, invalidValue(names, 'must have exactly one version marked as storage version'));
  if (new Set(names).size < names.length) say(at, invalidValue(names, 'must contain unique version names'));
  for (const [index, row] of rows.entries()) checkVersion(row, [...at, index], say);
  const status = nodeAt(given, 'status') ?? {};
  for (const [index, version] of itemsOf(status.storedVersions).entries())
    if (!names.includes(version))
      say(['status', 'storedVersions', index], invalidValue(version, 'must appear in spec.versions'));
}

function checkVersion(row: JsonObject, path: FieldPath, say: Say): void {
  if (typeof row.name === 'string')
    for (const why of checkDns1035Label(row.name)) say([...path, 'name'], invalidValue(row.name, why));
  const schema = nodeAt(nodeAt(row, 'schema') ?? {}, 'openAPIV3Schema');
  const at = [...path, 'schema', 'openAPIV3Schema'];
  if (schema === undefined) say(at, requiredValue('schemas are required'));
  else checkStructural(schema, at, say);
  if (row.deprecated !== true && typeof row.deprecationWarning === 'string')
    say(
      [...path, 'deprecationWarning'],
      invalidValue(row.deprecationWarning, 'can only be set for deprecated versions'),
    );
  checkScale(nodeAt(nodeAt(row, 'subresources') ?? {}, 'scale'), [...path, 'subresources', 'scale'], say);
  for (const [index, column] of itemsOf(row.additionalPrinterColumns).filter(isObject).entries())
    checkColumn(column, [...path, 'additionalPrinterColumns', index], say);
  checkSelectable(itemsOf(row.selectableFields), schema, [...path, 'selectableFields'], say);
}

function checkScale(scale: JsonObject | undefined, path: FieldPath, say: Say): void {
  if (scale === undefined) return;
  const check = (name: string, roots: readonly string[], needed: boolean): void => {
    const value = scale[name];
    const at = [...path, name];
    if (value === undefined || value === '') {
      if (needed) say(at, requiredValue(''));
      return;
    }
    const read = parseFieldPath(value);
    const under = roots.map((root) => `.${root}`).join(' or ');
    if (read === null || read.length < 2 || !roots.includes(read[0] ?? ''))
      say(at, invalidValue(value, `should be a json path under ${under}`));
  };
  check('specReplicasPath', ['spec'], true);
  check('statusReplicasPath', ['status'], true);
  check('labelSelectorPath', ['status', 'spec'], false);
}

function checkColumn(column: JsonObject, path: FieldPath, say: Say): void {
  const { type, format, jsonPath } = column;
  if (typeof type === 'string' && type !== '' && !COLUMN_TYPES.includes(type))
    say([...path, 'type'], notSupported(type, COLUMN_TYPES));
  if (typeof format === 'string' && format !== '' && !COLUMN_FORMATS.includes(format))
    say([...path, 'format'], notSupported(format, COLUMN_FORMATS));
  if (typeof jsonPath === 'string' && jsonPath !== '' && parseJsonPath(jsonPath) === null)
    say([...path, 'jsonPath'], invalidValue(jsonPath, 'is no path that a column can be read from'));
}

function checkSelectable(
  fields: readonly JsonValue[],
  schema: SchemaNode | undefined,
  path: FieldPath,
  say: Say,
): void {
  const max = limits.selectableFieldsMax;
  if (fields.length > max) say(path, tooMany({ count: fields.length, max }));
  for (const [index, field] of fields.filter(isObject).entries()) {
    const at = [...path, index, 'jsonPath'];
    const read = parseFieldPath(field.jsonPath);
    const node = read?.reduce<SchemaNode | undefined>(
      (found, name) => nodeAt(nodeAt(found ?? {}, 'properties') ?? {}, name),
      schema,
    );
    if (read === null || node === undefined)
      say(at, invalidValue(field.jsonPath, 'is an invalid path: must point to a field of the schema'));
    else if (!['boolean', 'integer', 'string'].includes(String(node.type)))
      say(at, invalidValue(field.jsonPath, 'must point to a field of type string, boolean or integer'));
    else if (read[0] === 'metadata')
      say(at, invalidValue(field.jsonPath, 'must not point to fields in metadata'));
  }
}

function checkConversion(spec: JsonObject, at: At, say: Say): void {
  const { conversion } = spec;
  if (!isObject(conversion)) return;
  const path = ['spec', 'conversion'];
  const { strategy } = conversion;
  if (strategy === 'Webhook') {
    const why =
      'has no effect: conversion webhooks are not called, of an object in another version only its apiVersion is changed';
    at.warning('not-enforced', [...path, 'strategy'], why);
  } else if (strategy !== undefined && strategy !== 'None')
    say([...path, 'strategy'], notSupported(strategy, ['None', 'Webhook']));
  else if (isObject(conversion.webhook))
    say([...path, 'webhook'], forbiddenField('should not be set when strategy is not set to Webhook'));
}

/** Where the first rule in CEL stands; null: there is none. */
function celRules(spec: JsonObject): FieldPath | null {
  for (const [index, row] of itemsOf(spec.versions).entries()) {
    const schema = isObject(row) ? nodeAt(nodeAt(row, 'schema') ?? {}, 'openAPIV3Schema') : undefined;
    const below = schema === undefined ? null : celRulesBelow(schema, 0);
    if (below !== null) return ['spec', 'versions', index, 'schema', 'openAPIV3Schema', ...below];
  }
  return null;
}

function celRulesBelow(node: SchemaNode, depth: number): FieldPath | null {
  if (isArray(node[CEL]) && node[CEL].length > 0) return [CEL];
  if (depth > limits.objectDepthMax) return null;
  const parts: readonly (readonly [FieldPath, SchemaNode | undefined])[] = [
    ...propertiesOf(node).map(([name, property]) => [['properties', name], property] as const),
    [['items'], nodeAt(node, 'items')],
    [['additionalProperties'], nodeAt(node, 'additionalProperties')],
  ];
  for (const [path, part] of parts) {
    const below = part === undefined ? null : celRulesBelow(part, depth + 1);
    if (below !== null) return [...path, ...below];
  }
  return null;
}

export const customDefinitions: readonly Rule[] = [definition];
