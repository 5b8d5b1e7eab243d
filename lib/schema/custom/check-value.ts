import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { invalidValue, requiredValue, type Wording } from '../wording.ts';
import { wrongItems } from './check-list.ts';
import { wrongScalar } from './check-scalar.ts';
import {
  isEmbedded,
  isIntOrString,
  nodeAt,
  nodesAt,
  othersOf,
  propertyOf,
  type SchemaNode,
  textsOf,
} from './structural-schema.ts';
import { typeOfValue, wrongTypeOf } from './type-of-value.ts';

export type ValueProblem = { readonly path: FieldPath; readonly wording: Wording };

/**
 * What the OpenAPI schema of a custom resource refuses of a value. At most so many problems as an answer may tell. What is nested too
 * deeply was refused before. Source: kube-openapi validate, as apiextensions words it.
 */
export function valueProblems(
  node: SchemaNode,
  value: JsonValue,
  path: FieldPath = [],
): readonly ValueProblem[] {
  const problems: ValueProblem[] = [];
  checkNode(node, value, { path, problems });
  return problems;
}

type Place = { readonly path: FieldPath; readonly problems: ValueProblem[] };

function checkNode(node: SchemaNode, value: JsonValue, place: Place): void {
  const { path, problems } = place;
  if (problems.length >= limits.customFindingsMax || path.length > limits.objectDepthMax) return;
  if (value === null && node.nullable === true) return;
  const mistyped = wrongTypeOf(node, value, path);
  if (mistyped !== null) {
    problems.push({ path, wording: mistyped });
    return;
  }
  for (const wording of wrongScalar(node, value, path)) problems.push({ path, wording });
  if (isArray(value)) {
    problems.push(...wrongItems(node, value, path));
    const items = nodeAt(node, 'items');
    if (items !== undefined)
      for (const [at, item] of value.entries()) checkNode(items, item, { path: [...path, at], problems });
  } else if (isObject(value)) checkMembers(node, value, place);
  checkJunctors(node, value, place);
}

function checkMembers(node: SchemaNode, value: JsonObject, place: Place): void {
  const { path, problems } = place;
  const has = (name: string): boolean => Object.hasOwn(value, name) && value[name] !== undefined;
  for (const name of textsOf(node.required))
    if (!has(name)) problems.push({ path: [...path, name], wording: requiredValue() });
  if (isEmbedded(node)) {
    for (const name of ['apiVersion', 'kind'])
      if (!has(name) || value[name] === '')
        problems.push({ path: [...path, name], wording: requiredValue('must not be empty') });
  }
  const others = othersOf(node);
  for (const [name, member] of Object.entries(value)) {
    const below = propertyOf(node, name) ?? (others === true ? undefined : others);
    if (member === undefined || below === undefined) continue;
    checkNode(below, member, { path: [...path, name], problems });
  }
}

/** allOf, anyOf, oneOf, not. An int-or-string has its anyOf by itself. */
function checkJunctors(node: SchemaNode, value: JsonValue, { path, problems }: Place): void {
  for (const each of nodesAt(node, 'allOf')) checkNode(each, value, { path, problems });
  const holds = (each: SchemaNode): boolean => valueProblems(each, value, path).length === 0;
  const refuse = (why: string): void => {
    problems.push({ path, wording: inBody(value, path, why) });
  };
  const any = nodesAt(node, 'anyOf');
  if (any.length > 0 && !isIntOrString(node) && !any.some(holds))
    refuse('must validate at least one schema (anyOf)');
  const one = nodesAt(node, 'oneOf');
  if (one.length > 0) {
    const valid = one.filter(holds).length;
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    if (valid !== 1) refuse(`must validate one and only one schema (oneOf). ${found}`);
  }
  const not = nodeAt(node, 'not');
  if (not !== undefined && holds(not)) refuse('must not validate the schema (not)');
}

/** A schema that a value as a whole does not meet: of what holds others, the type stands for the value. */
function inBody(value: JsonValue, path: FieldPath, why: string): Wording {
  const shown = isObject(value) || isArray(value) ? typeOfValue(value) : value;
  return invalidValue(shown, `${JSON.stringify(fieldPathText(path))} ${why}`);
}
