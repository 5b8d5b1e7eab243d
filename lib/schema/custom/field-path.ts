import type { JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

/** `.spec.replicas`, `.status['a.b']` → its names; null when it is no plain path. Lists and filters are none. */
export function parseFieldPath(path: JsonValue | undefined): readonly string[] | null {
  if (typeof path !== 'string' || path.length > limits.printerColumnCharsMax) return null;
  const names: string[] = [];
  const step = /\.([A-Za-z_$][\w$-]*)|\['([^']+)'\]/y;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) return null;
    names.push(found[1] ?? found[2] ?? '');
  }
  return names.length === 0 ? null : names;
}
