import type { FieldPath } from '../finding.ts';
import type { At } from '../rule.ts';
import type { RuleId } from '../rules.ts';
import { invalidValue } from '../wording.ts';

const INT32_MAX = 2 ** 31 - 1;

/** Reports a number outside its range; an absent one is fine. */
export function checkRange(
  at: At,
  value: number | undefined,
  where: {
    readonly path: FieldPath;
    readonly min: number;
    readonly max?: number;
    readonly ruleId?: RuleId;
    /** What the API says of it, where its words are others than for most. */
    readonly why?: string;
  },
): void {
  const { path, min, max = INT32_MAX, ruleId = 'out-of-range' } = where;
  if (value === undefined || (value >= min && value <= max)) return;
  const range = max >= INT32_MAX ? `at least ${min}` : `between ${min} and ${max}`;
  at.error(ruleId, path, `must be ${range}; it is ${value}`, {
    wording: invalidValue(value, where.why ?? bound(where)),
  });
}

function bound({ min, max = INT32_MAX }: { readonly min: number; readonly max?: number }): string {
  if (max < INT32_MAX) return `must be between ${min} and ${max}, inclusive`;
  return min === 1 ? 'must be greater than zero' : `must be greater than or equal to ${min}`;
}
