import type { ContainerPort, Pod } from '../../schema/types.gen.ts';

export type HostPort = { readonly port: number; readonly protocol: string; readonly ip: string };

const ANY = '0.0.0.0';

/** Of containers and sidecars. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }): readonly ContainerPort[] => ports)
    .flatMap(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) =>
      hostPort === 0 ? [] : [{ port: hostPort, protocol, ip: hostIP === '' ? ANY : hostIP }],
    );
}

/** One port and protocol, at one address or at any. */
export function portsCollide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY);
}
