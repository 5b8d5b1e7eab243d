import type { SuccessPolicy } from '../../schema/types.gen.ts';
import { countOf, type IndexSet, intersection, parseIndexes } from './index-set.ts';

/**
 * Says which rule of a successPolicy is met; null when none is. Indexes alone: all of them succeeded. A count alone: so many did.
 * Both: so many of the indexes did. Source: upstream success_policy.go.
 */
export function metSuccessRule(
  policy: SuccessPolicy | undefined,
  job: { readonly completions: number; readonly succeeded: IndexSet },
): string | null {
  const at = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined)
      return succeededCount !== undefined && countOf(job.succeeded) >= succeededCount;
    const listed = parseIndexes(succeededIndexes, job.completions);
    const wanted = countOf(listed);
    return wanted > 0 && countOf(intersection(listed, job.succeeded)) >= (succeededCount ?? wanted);
  });
  return at < 0 ? null : `Matched rules at index ${at}`;
}
