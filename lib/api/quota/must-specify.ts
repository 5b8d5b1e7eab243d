import { podLevelAmounts } from '../../schema/pod-resources.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';

/** Resources that a quota on them makes every container say. Source: quota core pods.go validationSet. */
const MANDATORY = [
  'cpu',
  'limits.cpu',
  'limits.memory',
  'memory',
  'requests.cpu',
  'requests.memory',
] as const;

/**
 * What of the resources that a quota limits the containers of a pod leave open: `must specify cpu for: a,b; memory for: a`, or null.
 * A pod that says it as a whole has said it. Source: quota core pods.go Constraints.
 */
export function mustSpecify({ spec }: Pick<Pod, 'spec'>, limited: ReadonlySet<string>): string | null {
  if (podLevelAmounts(spec, 'requests').size + podLevelAmounts(spec, 'limits').size > 0) return null;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const said = MANDATORY.flatMap((name) => {
    if (!limited.has(name)) return [];
    const names = containers.filter((container) => !says(container, name)).map((container) => container.name);
    return names.length === 0 ? [] : [`${name} for: ${[...new Set(names)].sort().join(',')}`];
  });
  return said.length === 0 ? null : `must specify ${said.join('; ')}`;
}

function says({ resources }: Container, name: (typeof MANDATORY)[number]): boolean {
  const [which, resource] = name.includes('.') ? name.split('.') : ['requests', name];
  const list = which === 'limits' ? resources?.limits : resources?.requests;
  return list?.[resource ?? ''] !== undefined;
}
