import { readAmounts } from '../../schema/pod-resources.ts';
import { podQos } from '../../schema/qos.ts';
import { quantityToBytes } from '../../schema/quantity.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';

/** Source: kubelet pkg/kubelet/qos. */
const GUARANTEED = -997;
const BEST_EFFORT = 1000;
const NODE_CRITICAL = 'system-node-critical';

/**
 * How early the kernel ends this container's programs when the machine's memory ends: guaranteed ones last, those that asked for
 * nothing first, the others the sooner the less they asked for. A sidecar does not go before the containers it serves.
 */
export function oomScoreAdj(pod: Pod, container: Container, capacityBytes: number): number {
  if (pod.spec.priorityClassName === NODE_CRITICAL) return GUARANTEED;
  const qos = podQos(pod);
  if (qos === 'Guaranteed') return GUARANTEED;
  if (qos === 'BestEffort') return BEST_EFFORT;
  const own = scoreOf(requestOf(container), capacityBytes);
  const score = isSidecar(pod, container)
    ? Math.min(own, scoreOf(Math.min(...pod.spec.containers.map(requestOf)), capacityBytes))
    : own;
  if (score < BEST_EFFORT + GUARANTEED) return BEST_EFFORT + GUARANTEED;
  return Math.min(score, BEST_EFFORT - 1);
}

/** Divided as integers are: towards zero. */
function scoreOf(requestBytes: number, capacityBytes: number): number {
  return BEST_EFFORT - Math.trunc((BEST_EFFORT * requestBytes) / Math.max(1, capacityBytes));
}

function requestOf({ resources }: Container): number {
  const memory = readAmounts(resources?.requests).get('memory');
  return memory === undefined ? 0 : quantityToBytes(memory);
}

function isSidecar({ spec }: Pod, { name, restartPolicy }: Container): boolean {
  return restartPolicy === 'Always' && (spec.initContainers ?? []).some((one) => one.name === name);
}
