import { isObject } from '../../base/json.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { invalidValue } from '../wording.ts';
import type { Say } from './check-structural.ts';
import { valueProblems } from './check-value.ts';
import { withStructuralDefaults } from './fill-defaults.ts';
import { pruned } from './prune.ts';
import { defaultOf, type SchemaNode } from './structural-schema.ts';

/** A default must be a value that the schema takes: without unknown fields, and valid once its own defaults are in it. */
export function checkDefault(node: SchemaNode, path: FieldPath, say: Say): void {
  const given = defaultOf(node);
  if (given === undefined) return;
  const at = [...path, 'default'];
  const holder = { type: 'object', properties: { value: node } };
  const { value: kept, unknown } = pruned(holder, { value: given });
  if (unknown.length > 0) {
    const names = unknown.map((each) => fieldPathText(each.slice(1)));
    say(at, invalidValue(given, `must not have unknown fields: ${names.join(', ')}`));
    return;
  }
  const filled = isObject(kept.value) ? withStructuralDefaults(node, kept.value) : kept.value;
  for (const problem of valueProblems(node, filled ?? null, at).slice(0, 5))
    say(problem.path, problem.wording);
}
