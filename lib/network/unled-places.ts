import { isIPv4 } from 'node:net';
import type { Service } from '../schema/types.gen.ts';
import type { ListenFailure } from './proxy/proxy-table.ts';

/** Places of Services that nothing leads to, whatever the machine is like: SCTP needs what few kernels have, and no proxy carries it. */
export function unledPlaces(services: Iterable<Service>): readonly ListenFailure[] {
  return [...services].flatMap(({ metadata, spec }) => {
    const { clusterIP = '', ports = [], type } = spec;
    if (type === 'ExternalName' || !isIPv4(clusterIP)) return [];
    return ports.flatMap(({ protocol, port }) => {
      if (protocol !== 'SCTP') return [];
      const service = `${metadata.namespace ?? ''}/${metadata.name}`;
      return [{ protocol, address: clusterIP, port, service, code: 'EPROTONOSUPPORT' }];
    });
  });
}
