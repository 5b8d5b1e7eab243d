import type { ManifestSet, Problem } from '../manifests/manifest-set.ts';
import { refKey } from '../schema/object.ts';
import type { Blocked } from './plan.ts';

/** Objects whose manifest has errors, each with the first of them. One with a sound copy elsewhere is blocked too: which was meant? */
export function invalidBlocks({ rejected, problems }: ManifestSet): readonly Blocked[] {
  if (rejected.length === 0) return [];
  const errors = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.severity !== 'error' || problem.ref === undefined) continue;
    const key = refKey(problem.ref);
    const list = errors.get(key);
    if (list === undefined) errors.set(key, [problem]);
    else list.push(problem);
  }
  return rejected.map(({ ref, path }) => {
    const own = (errors.get(refKey(ref)) ?? []).filter(({ file }) => file === path);
    const [first] = own;
    if (first === undefined) return { ref, reason: 'invalid', detail: `${path} has errors`, path };
    const more = own.length > 1 ? ` (and ${own.length - 1} more)` : '';
    const place = `${path}:${first.position.line}:${first.position.column}`;
    return { ref, reason: 'invalid', detail: `${place} ${first.ruleId}: ${first.message}${more}`, path };
  });
}
