import { podLevelAmounts, podLimits, podRequests, readAmounts } from '../../schema/pod-resources.ts';
import { type Quantity, quantityToBytes, quantityToMillis } from '../../schema/quantity.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';
import type { ContainerResources } from '../container-security.ts';

/**
 * What the pod as a whole asks for and may have. A limit is there only where the pod itself or every one of its containers has
 * one: else a container without would be held by those of the others. Source: kubelet ResourceConfigForPod.
 */
export function podGroupResources(pod: Pod): ContainerResources {
  const { spec } = pod;
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  const whole = podLevelAmounts(spec, 'limits');
  const parts: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers];
  const declared = (name: string): Quantity | undefined => {
    const everyone = parts.every(({ resources }) => {
      const own = readAmounts(resources?.limits).get(name);
      return own !== undefined && own.nanos > 0n;
    });
    return whole.has(name) || everyone ? limits.get(name) : undefined;
  };
  return {
    cpuRequestMillis: millisOf(requests.get('cpu')),
    cpuLimitMillis: millisOf(declared('cpu')),
    memoryRequestBytes: bytesOf(requests.get('memory')),
    memoryLimitBytes: bytesOf(declared('memory')),
    ...hugepagesOf(limits),
  };
}

/** What one container says. */
export function containerResources({ resources }: Pick<Container, 'resources'>): ContainerResources {
  const requests = readAmounts(resources?.requests);
  const limits = readAmounts(resources?.limits);
  return {
    cpuRequestMillis: millisOf(requests.get('cpu')),
    cpuLimitMillis: millisOf(limits.get('cpu')),
    memoryRequestBytes: bytesOf(requests.get('memory')),
    memoryLimitBytes: bytesOf(limits.get('memory')),
    ...hugepagesOf(limits),
  };
}

const millisOf = (amount: Quantity | undefined): number | null =>
  amount === undefined ? null : quantityToMillis(amount);
const bytesOf = (amount: Quantity | undefined): number | null =>
  amount === undefined ? null : quantityToBytes(amount);

const HUGEPAGES = 'hugepages-';

function hugepagesOf(limits: ReadonlyMap<string, Quantity>): Pick<ContainerResources, 'hugepages'> {
  const hugepages = [...limits].flatMap(([name, amount]) => {
    if (!name.startsWith(HUGEPAGES)) return [];
    const page = readAmounts({ page: name.slice(HUGEPAGES.length) }).get('page');
    return page === undefined
      ? []
      : [{ pageBytes: quantityToBytes(page), limitBytes: quantityToBytes(amount) }];
  });
  return hugepages.length === 0 ? {} : { hugepages };
}
