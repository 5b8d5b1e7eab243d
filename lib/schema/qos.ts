import { podLevelAmounts, type ResourceAmounts, readAmounts } from './pod-resources.ts';
import { compareQuantities, type Quantity } from './quantity.ts';
import type { Pod } from './types.gen.ts';

export const qosClasses = ['Guaranteed', 'Burstable', 'BestEffort'] as const;
export type QosClass = (typeof qosClasses)[number];

type Wants = { readonly requests: ResourceAmounts; readonly limits: ResourceAmounts };

const COUNTED = ['cpu', 'memory'] as const;

/**
 * Guaranteed: every container, init containers too, has limits for cpu and memory and requests equal to them. BestEffort: no
 * container has any of the four. Amounts of zero count as absent. What the pod wants as a whole counts before its containers.
 * A class the status has already is the class. Source: kubernetes pkg/apis/core/v1/helper/qos.
 */
export function podQos(pod: Pick<Pod, 'spec' | 'status'>): QosClass {
  const known = qosClasses.find((one) => one === pod.status?.qosClass);
  if (known !== undefined) return known;
  const { spec } = pod;
  const whole = { requests: podLevelAmounts(spec, 'requests'), limits: podLevelAmounts(spec, 'limits') };
  const parts: readonly Wants[] =
    whole.requests.size + whole.limits.size > 0
      ? [whole]
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => ({
          requests: readAmounts(container.resources?.requests),
          limits: readAmounts(container.resources?.limits),
        }));
  if (parts.every(wantsNothing)) return 'BestEffort';
  return parts.every(isBounded) ? 'Guaranteed' : 'Burstable';
}

const present = (amount: Quantity | undefined): amount is Quantity =>
  amount !== undefined && amount.nanos > 0n;

function wantsNothing({ requests, limits }: Wants): boolean {
  return COUNTED.every((name) => !present(requests.get(name)) && !present(limits.get(name)));
}

function isBounded({ requests, limits }: Wants): boolean {
  return COUNTED.every((name) => {
    const [request, limit] = [requests.get(name), limits.get(name)];
    return present(request) && present(limit) && compareQuantities(request, limit) === 0;
  });
}
