import type { Pod } from '../../schema/types.gen.ts';

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/**
 * Where in its pod a container stands, as events name it: `spec.containers{web}`; undefined: it stands nowhere in it.
 * Source: kubelet, fieldPath.
 */
export function containerFieldPath({ spec }: Pick<Pod, 'spec'>, name: string): string | undefined {
  const list = LISTS.find((each) => spec[each]?.some((container) => container.name === name));
  return list === undefined ? undefined : `spec.${list}{${name}}`;
}
