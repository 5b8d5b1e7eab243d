import type { FieldPath } from '../finding.ts';
import { nameWords } from '../name-wording.ts';
import type { NameCheck } from '../names.ts';
import type { At } from '../rule.ts';
import type { RuleId } from '../rules.ts';
import { invalidValue } from '../wording.ts';

/** Reports every way in which a text is not the name it should be; an absent or empty one is for others to tell. */
export function checkText(
  at: At,
  text: string | undefined,
  how: {
    readonly path: FieldPath;
    readonly check: NameCheck;
    readonly ruleId?: RuleId;
    readonly apiPath?: FieldPath;
  },
): void {
  if (text === undefined || text === '') return;
  for (const wrong of how.check(text))
    at.error(how.ruleId ?? 'invalid-name', how.path, `${wrong}; it is ${JSON.stringify(text.slice(0, 80))}`, {
      suggestion: suggestionFor(text, how.check),
      wording: invalidValue(text, nameWords(wrong)),
      ...(how.apiPath !== undefined && { apiPath: how.apiPath }),
    });
}

/** Capitals, blanks and underscores are the usual reason: the text without them, when that is a name. */
function suggestionFor(text: string, check: NameCheck): string | undefined {
  if (text.length > 253) return undefined;
  const meant = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return meant !== text && meant !== '' && check(meant).length === 0 ? meant : undefined;
}
