import type { PodSpec, Toleration } from '../../schema/types.gen.ts';

const exists = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

/** Source: upstream AddOrUpdateDaemonPodTolerations. */
const ALWAYS: readonly Toleration[] = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];
const WITH_HOST_NETWORK = exists('network-unavailable', 'NoSchedule');

/** The template's tolerations and those that every pod of a DaemonSet has: it stays where others are sent away. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = hostNetwork === true ? [...ALWAYS, WITH_HOST_NETWORK] : ALWAYS;
  const own = tolerations.filter((toleration) => !added.some((other) => isSame(toleration, other)));
  return [...own, ...added];
}

/** The same taint borne, however long. */
function isSame(a: Toleration, b: Toleration): boolean {
  return (
    a.key === b.key &&
    a.effect === b.effect &&
    (a.operator ?? 'Equal') === b.operator &&
    (a.value ?? '') === (b.value ?? '')
  );
}
