import { podLevelAmounts, readAmounts } from '../../schema/pod-resources.ts';
import { quantityToMillis } from '../../schema/quantity.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';

/** What each pod asks for, in thousandths, by pod name; or the first container that does not say. */
export type PodRequests = ReadonlyMap<string, number> | { readonly missingIn: string };

/**
 * What use is held against: the pod's own request, else those of its containers (sidecars too), all of which must ask for the
 * resource. Source: upstream replica_calculator.go calculatePodRequests.
 */
export function podRequestsOf(
  pods: readonly Pod[],
  of: { readonly resource: string; readonly container: string | null },
): PodRequests {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    const whole = of.container === null ? podLevelAmounts(spec, 'requests').get(of.resource) : undefined;
    if (whole !== undefined) {
      requests.set(metadata.name, quantityToMillis(whole));
      continue;
    }
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    const counted = [...spec.containers, ...sidecars].filter(
      ({ name }) => of.container === null || name === of.container,
    );
    const silent = counted.find((container) => requestOf(container, of.resource) === null);
    if (silent !== undefined) return { missingIn: `container ${silent.name} of pod ${metadata.name}` };
    if (counted.length === 0)
      return { missingIn: `pod ${metadata.name}, which has no container ${of.container}` };
    const sum = counted.reduce((total, container) => total + (requestOf(container, of.resource) ?? 0), 0);
    requests.set(metadata.name, sum);
  }
  return requests;
}

function requestOf({ resources }: Container, resource: string): number | null {
  const amount = readAmounts(resources?.requests).get(resource);
  return amount === undefined ? null : quantityToMillis(amount);
}
