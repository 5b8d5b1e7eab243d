import { parseInt64 } from './int64.ts';
import type { Taint, Toleration } from './types.gen.ts';

/**
 * Whether the toleration lets a pod bear the taint: same effect (none: every), same key (none: every), and by operator the
 * same value (Equal, the default), any (Exists), or a taint's number above (Gt) or below (Lt) the toleration's.
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect = '', key = '', operator = '', value = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (operator) {
    case '':
    case 'Equal':
      return value === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt':
      return tolerateNumber({ bound: value, actual: taint.value ?? '', greater: operator === 'Gt' });
    default:
      return false;
  }
}

function tolerateNumber(of: {
  readonly bound: string;
  readonly actual: string;
  readonly greater: boolean;
}): boolean {
  const [bound, actual] = [parseInt64(of.bound), parseInt64(of.actual)];
  if (bound === null || actual === null) return false;
  return of.greater ? actual > bound : actual < bound;
}

/** The first taint that no toleration bears; undefined when all are borne. */
export function findUntolerated(
  tolerations: readonly Toleration[] | undefined,
  taints: readonly Taint[] | undefined,
): Taint | undefined {
  return taints?.find((taint) => !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}

/** One taint of a node: key and effect name it, whatever its value. */
export function sameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
