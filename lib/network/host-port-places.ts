import { isIPv4 } from 'node:net';
import type { Pod } from '../schema/types.gen.ts';
import type { ProxyListener } from './proxy/proxy-table.ts';

/** Ports of the machine that lead to one pod, for as long as it runs. A pod in the machine's network listens there itself. */
export function hostPortPlaces(
  { metadata, spec, status }: Pod,
  mayLeadTo: (address: string) => boolean,
): readonly ProxyListener[] {
  const podIP = status?.podIP ?? '';
  if (spec.hostNetwork === true || status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  if (!isIPv4(podIP) || !mayLeadTo(podIP)) return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, hostIP = '', containerPort, protocol = 'TCP' }) => {
      if (hostPort === 0 || (protocol !== 'TCP' && protocol !== 'UDP')) return [];
      const everywhere = hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::';
      if (!everywhere && !isIPv4(hostIP)) return [];
      return [
        {
          protocol,
          address: everywhere ? '0.0.0.0' : hostIP,
          port: hostPort,
          pod: `${metadata.namespace ?? ''}/${metadata.name}`,
          service: '',
          backends: [{ address: podIP, port: containerPort }],
          affinitySeconds: null,
          keepsSource: true,
        },
      ];
    }),
  );
}
