import type { JsonObject } from '../base/json.ts';
import { isObject } from '../base/json.ts';
import { compiledType } from './compiled-type.ts';
import type { FieldPath, Finding } from './finding.ts';
import { FindingList, type Said } from './finding-list.ts';
import type { KubeObject } from './object.ts';
import { readTyped } from './read-typed.ts';
import type { At, Rule } from './rule.ts';
import { checkDuplicates } from './rules/duplicate-entries.ts';
import type { Kind, Schema } from './schema.ts';
import { requiredValue } from './wording.ts';

/** Rules by the type they are for. */
export type RuleIndex = ReadonlyMap<string, readonly Rule[]>;

/**
 * Goes through an object once: tells what of its shape is wrong (`shape`) and lets every rule see the sound part.
 * Never throws, whatever stands in the object.
 */
export function inspectObject(inspection: {
  readonly schema: Schema;
  readonly kind: Kind;
  readonly object: JsonObject;
  readonly shape: boolean;
  readonly rules: RuleIndex;
}): readonly Finding[] {
  const { schema, kind, object, shape, rules } = inspection;
  const list = new FindingList();
  const path: (string | number)[] = [];
  const at: At = {
    schema,
    kind,
    object: object as KubeObject,
    path,
    error: (ruleId, below, predicate, more) =>
      list.add('error', ruleId, [...path, ...below], predicate, fromRoot(path, more)),
    say: (severity, ruleId, below, wording) => list.say(severity, ruleId, [...path, ...below], wording),
    warning: (ruleId, below, predicate, suggestion) =>
      list.add('warning', ruleId, [...path, ...below], predicate, suggestion),
  };
  const sound = readTyped(
    {
      schema,
      typeName: kind.custom?.headType ?? kind.typeName,
      secret: kind.group === '' && kind.kind === 'Secret',
      path,
      visitor: {
        problem(ruleId, message, more) {
          if (shape) list.add('error', ruleId, path, message, more);
        },
        typed(typeName, value) {
          for (const rule of rules.get(typeName) ?? []) rule.check(value, at);
          const type = rules.size === 0 ? undefined : schema.type(typeName);
          if (type === undefined || path[0] === 'status') return;
          const { keyedLists } = compiledType(schema, typeName, type);
          if (keyedLists.length > 0) checkDuplicates(typeName, value, keyedLists, at);
        },
      },
    },
    object,
  );
  if (sound !== undefined) for (const rule of rules.get('*') ?? []) rule.check(sound, at);
  if (shape) requireName(object, list);
  return list.findings();
}

/** What a rule says, with its place counted from the root. */
function fromRoot(path: FieldPath, more: string | Said | undefined): string | Said | undefined {
  if (more === undefined || typeof more === 'string' || more.apiPath === undefined) return more;
  return { ...more, apiPath: [...path, ...more.apiPath] };
}

/** Every object has a name, or lets one be made. Types do not say so: templates hold the same metadata without one. */
function requireName(object: JsonObject, list: FindingList): void {
  const { metadata } = object;
  if (metadata === undefined || metadata === null) {
    list.add('error', 'missing-field', ['metadata'], 'is required, with a name');
    return;
  }
  if (!isObject(metadata)) return;
  const missing = (value: unknown): boolean => value === undefined || value === null || value === '';
  if (missing(metadata.name) && missing(metadata.generateName))
    list.add('error', 'missing-field', ['metadata', 'name'], 'is required', {
      wording: requiredValue('name or generateName is required'),
    });
}
