import type { Pod, ServicePort } from './types.gen.ts';

/**
 * The port of the pod's containers that a Service's port leads to; null: the pod names none so. Source: upstream FindPort; sidecars count,
 * other init containers do not.
 */
export function targetPort(
  { targetPort: target, port, protocol = 'TCP' }: ServicePort,
  pod: Pod,
): number | null {
  if (target === undefined || target === 0 || target === '') return port;
  if (typeof target === 'number') return target;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...pod.spec.containers, ...sidecars]) {
    const named = ports.find((each) => each.name === target && (each.protocol ?? 'TCP') === protocol);
    if (named !== undefined) return named.containerPort;
  }
  return null;
}
