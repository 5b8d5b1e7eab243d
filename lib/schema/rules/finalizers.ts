import type { FieldPath } from '../finding.ts';
import { checkQualifiedName } from '../names.ts';
import type { At } from '../rule.ts';
import { invalidValue } from '../wording.ts';
import { checkText } from './name-text.ts';

/** Those whose name needs no prefix. Source: core/helper IsStandardFinalizerName. */
const STANDARD: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Who holds an object says who he is: a prefix, unless the API itself does. Custom resources may hold without one. */
export function checkFinalizers(at: At, finalizers: readonly string[], path: FieldPath): void {
  for (const [index, finalizer] of finalizers.entries()) {
    checkText(at, finalizer, { path: [...path, index], check: checkQualifiedName, apiPath: path });
    if (at.kind.custom !== undefined || finalizer.includes('/') || STANDARD.has(finalizer)) continue;
    at.error(
      'invalid-name',
      [...path, index],
      `needs a prefix such as example.com/; it is ${JSON.stringify(finalizer.slice(0, 80))}`,
      {
        wording: invalidValue(
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      },
    );
  }
}
