import { podQos } from '../../schema/qos.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';
import type { HostPort, SandboxSpec } from '../driver.ts';
import { CLUSTER_DOMAIN, type NodeDns } from '../node/node-settings.ts';
import { type Resolved, resolved } from '../references.ts';
import { graceMsOf } from './pod-end.ts';
import { podGroupResources } from './pod-group-resources.ts';
import { podHostname } from './pod-hostname.ts';
import { resolvConf } from './resolv-conf.ts';

/** What the driver is to make for a pod before its containers; or why there can be no such thing. */
export function sandboxSpecOf(pod: Pod, dns?: NodeDns): Resolved<SandboxSpec> {
  const { metadata, spec } = pod;
  const name = podHostname(pod, dns?.clusterDomain ?? CLUSTER_DOMAIN);
  if (!name.ok) return name;
  const { hostname, label, fqdn } = name.value;
  const aliases = (spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames }));
  return resolved({
    podUid: metadata.uid ?? '',
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    hostname,
    ports: portsOf(pod),
    annotations: metadata.annotations ?? {},
    hostNetwork: spec.hostNetwork === true,
    hostPID: spec.hostPID === true,
    hostIPC: spec.hostIPC === true,
    shareProcessNamespace: spec.shareProcessNamespace === true,
    sysctls: (spec.securityContext?.sysctls ?? []).map((one) => ({ name: one.name, value: one.value })),
    ...groupOf(pod),
    hostPorts: hostPortsOf(pod),
    ...(dns && { resolvConf: resolvConf(pod, dns, dns.hostResolvConf()) }),
    hosts: { hostname: label, fqdn, aliases },
    qosClass: podQos(pod),
    resources: podGroupResources(pod),
    terminationGraceMs: graceMsOf({ pod }),
  });
}

function groupOf({ spec }: Pod): Pick<SandboxSpec, 'fsGroup' | 'fsGroupChangePolicy'> {
  const { fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {};
  if (fsGroup === undefined) return {};
  const atRootOnly = fsGroupChangePolicy === 'OnRootMismatch';
  return { fsGroup, fsGroupChangePolicy: atRootOnly ? 'OnRootMismatch' : 'Always' };
}

type Protocol = HostPort['protocol'];
const protocolOf = (protocol: string | undefined): Protocol =>
  protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP';

const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

function portsOf(pod: Pod): SandboxSpec['ports'] {
  const ports = new Map<string, { readonly port: number; readonly protocol: Protocol }>();
  for (const { ports: declared = [] } of containersOf(pod))
    for (const { containerPort: port, protocol } of declared)
      ports.set(`${port}/${protocolOf(protocol)}`, { port, protocol: protocolOf(protocol) });
  return [...ports.values()];
}

/** In the machine's network a port is the machine's as it is. */
function hostPortsOf(pod: Pod): readonly HostPort[] {
  if (pod.spec.hostNetwork === true) return [];
  return containersOf(pod).flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostIP = '', hostPort = 0, containerPort, protocol }) => {
      if (hostPort === 0) return [];
      const everywhere = hostIP === '' || hostIP === '0.0.0.0' || hostIP === '::';
      return [
        { hostIP: everywhere ? null : hostIP, hostPort, containerPort, protocol: protocolOf(protocol) },
      ];
    }),
  );
}
