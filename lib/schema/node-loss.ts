import { tolerates } from './taints.ts';
import type { Taint, Toleration } from './types.gen.ts';

/** Source: DefaultTolerationSeconds admission. */
const SECONDS = 300;

const LOST: readonly Taint[] = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  effect: 'NoExecute',
}));

/** What a pod tolerates beside what it says: that its node is lost, for five minutes, where it says nothing of that. */
export function automaticTolerations(own: readonly Toleration[] | undefined): readonly Toleration[] {
  return LOST.filter((taint) => !(own ?? []).some((toleration) => tolerates(toleration, taint))).map(
    ({ key, effect }) => ({ key, operator: 'Exists', effect, tolerationSeconds: SECONDS }),
  );
}

/** Whether a taint is one that controllers set and take away by a node's conditions. Source: well-known taints. */
export function isConditionTaint({ key, effect }: Pick<Taint, 'key' | 'effect'>): boolean {
  const own = key.startsWith('node.kubernetes.io/') ? key.slice('node.kubernetes.io/'.length) : '';
  if (own === 'not-ready' || own === 'unreachable') return effect === 'NoSchedule' || effect === 'NoExecute';
  return effect === 'NoSchedule' && PRESSURES.has(own);
}

const PRESSURES: ReadonlySet<string> = new Set([
  'memory-pressure',
  'disk-pressure',
  'pid-pressure',
  'network-unavailable',
  'unschedulable',
]);
