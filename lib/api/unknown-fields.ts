import { checkShape } from '../schema/check-shape.ts';
import type { Finding } from '../schema/finding.ts';
import { fieldPathText } from '../schema/finding.ts';
import type { KubeObject } from '../schema/object.ts';
import type { RuleId } from '../schema/rules.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { withoutFieldsUnknownTo } from '../schema/without-unknown-fields.ts';
import type { ApiError } from './api-error.ts';
import type { Caller } from './client.ts';
import { undecodable } from './undecodable.ts';

/** What cannot be read as the type of its field. */
const UNREADABLE: ReadonlySet<string> = new Set<RuleId>([
  'wrong-type',
  'invalid-quantity',
  'invalid-time',
  'invalid-base64',
]);

/** What is unknown may hide what is wrong elsewhere, for one check tells of so many things only. */
const ROUNDS_MAX = 2;

/**
 * The object with nothing in it that its kind has not, as far as the caller asks for that. Strict: BadRequest that names every
 * such field. A value of the wrong type is a BadRequest too: it could not be read. Source: apiserver's field validation.
 */
export function withoutUnknownFields(
  schema: Schema,
  kind: Kind,
  {
    object,
    given,
    caller,
  }: { readonly object: KubeObject; readonly given: KubeObject; readonly caller: Caller },
): KubeObject {
  const { fieldValidation, onWarning } = caller;
  if (fieldValidation === undefined) return object;
  const refused = (why: string): ApiError => undecodable(kind, given, why);
  let current = object;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const findings = checkShape(schema, current);
    const mistyped = findings.find(({ ruleId }) => UNREADABLE.has(ruleId));
    const unknown = findings.filter(({ ruleId }) => ruleId === 'unknown-field');
    if (unknown.length > 0 && fieldValidation === 'Strict') {
      throw refused(`strict decoding error: ${unknown.map(unknownFieldText).join(', ')}`);
    }
    if (mistyped !== undefined) throw refused(mistyped.wording?.message ?? mistyped.message);
    if (unknown.length === 0) return current;
    if (fieldValidation === 'Warn') for (const finding of unknown) onWarning?.(unknownFieldText(finding));
    current = withoutFieldsUnknownTo(schema, kind, current);
  }
  return current;
}

function unknownFieldText({ path }: Finding): string {
  return `unknown field "${fieldPathText(path)}"`;
}
