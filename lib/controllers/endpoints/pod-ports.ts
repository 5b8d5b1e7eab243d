import { targetPort } from '../../schema/target-port.ts';
import type { Pod, Service, SlicePort } from '../../schema/types.gen.ts';
import { realPortsOf } from './real-ports.ts';

/**
 * The ports of a Service as this pod serves them: named target ports are looked up in its containers, and every port goes
 * through the pod's map of real ports. A port the pod does not name is left out.
 */
export function podPorts(service: Service, pod: Pod): readonly SlicePort[] {
  const real = realPortsOf(pod);
  return (service.spec.ports ?? []).flatMap((port) => {
    const target = targetPort(port, pod);
    if (target === null) return [];
    return [
      {
        name: port.name ?? '',
        port: real.get(target) ?? target,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }),
      },
    ];
  });
}
