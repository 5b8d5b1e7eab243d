import { limits } from '../../base/limits.ts';
import type { Endpoint, EndpointAddress, EndpointSubset } from '../../schema/types.gen.ts';
import type { EndpointGroup } from './endpoint-groups.ts';

/** The subsets of an Endpoints object, and whether addresses were left out because they are too many. */
export type Subsets = { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean };

/**
 * The same groups as the older Endpoints object shows them. Terminating pods are not in it, unless the Service publishes
 * addresses that are not ready. Ready addresses are kept before those that are not.
 */
export function subsetsOf(groups: readonly EndpointGroup[], publishNotReady: boolean): Subsets {
  const shown = groups.map(({ ports, endpoints }) => {
    const live = endpoints.filter(({ conditions }) => publishNotReady || conditions?.terminating !== true);
    return {
      ports,
      ready: live.filter(({ conditions }) => conditions?.ready === true),
      notReady: live.filter(({ conditions }) => conditions?.ready !== true),
    };
  });
  let left = limits.endpointsAddressesMax;
  let truncated = false;
  const take = (endpoints: readonly Endpoint[]): readonly EndpointAddress[] => {
    const taken = endpoints.slice(0, left);
    truncated ||= taken.length < endpoints.length;
    left -= taken.length;
    return taken.map(addressOf);
  };
  const readyFirst = shown.map((group) => ({ ...group, addresses: take(group.ready) }));
  const subsets = readyFirst
    .map(({ ports, addresses, notReady }) => ({ ports, addresses, notReadyAddresses: take(notReady) }))
    .filter(({ addresses, notReadyAddresses }) => addresses.length + notReadyAddresses.length > 0)
    .map(
      ({ ports, addresses, notReadyAddresses }): EndpointSubset => ({
        ...(addresses.length > 0 && { addresses }),
        ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
        ...(ports.length > 0 && {
          ports: ports.map((port) => ({
            ...(port.name !== '' && { name: port.name }),
            port: port.port ?? 0,
            protocol: port.protocol,
            ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }),
          })),
        }),
      }),
    );
  return { subsets, truncated };
}

function addressOf({ addresses, hostname, nodeName, targetRef }: Endpoint): EndpointAddress {
  return {
    ip: addresses[0] ?? '',
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef,
  };
}
