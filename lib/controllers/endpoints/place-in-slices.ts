import { limits } from '../../base/limits.ts';
import type { Endpoint, EndpointSlice } from '../../schema/types.gen.ts';
import { type AddressType, type EndpointGroup, groupKey } from './endpoint-groups.ts';

/** What one slice is to hold. `slice: null`: a new one. */
export type Placement = {
  readonly slice: EndpointSlice | null;
  readonly addressType: AddressType;
  readonly ports: EndpointGroup['ports'];
  readonly endpoints: readonly Endpoint[];
};

/**
 * Puts endpoints into slices and moves as few as it can: an endpoint stays in the slice that has it, others fill the room there
 * is, then new slices. Slices left empty are not placed (they are to go).
 */
export function placeInSlices(
  groups: readonly EndpointGroup[],
  slices: readonly EndpointSlice[],
): readonly Placement[] {
  const byName = slices.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return groups.flatMap((group) =>
    placeGroup(
      group,
      byName.filter(({ addressType, ports = [] }) => groupKey(addressType, ports) === group.key),
    ),
  );
}

function placeGroup(group: EndpointGroup, slices: readonly EndpointSlice[]): readonly Placement[] {
  const { addressType, ports } = group;
  const left = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const stayed = slices.map((slice) => ({ slice, endpoints: takeStaying(slice, left) }));
  const placed: Placement[] = [];
  const waiting = [...left.values()];
  for (const { slice, endpoints } of stayed) {
    // A slice nobody stays in is dropped rather than filled: fewer slices in the end.
    if (endpoints.length === 0) continue;
    const room = limits.endpointsPerSliceMax - endpoints.length;
    const all = [...endpoints, ...waiting.splice(0, room)];
    placed.push({ slice, addressType, ports, endpoints: all.toSorted(byIdentity) });
  }
  const empty = stayed.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice);
  while (waiting.length > 0) {
    const endpoints = waiting.splice(0, limits.endpointsPerSliceMax);
    placed.push({ slice: empty.shift() ?? null, addressType, ports, endpoints });
  }
  return placed;
}

/** Takes out of `left` what the slice has already. */
function takeStaying(slice: EndpointSlice, left: Map<string, Endpoint>): readonly Endpoint[] {
  const stay: Endpoint[] = [];
  for (const held of slice.endpoints ?? []) {
    const identity = identityOf(held);
    const wanted = left.get(identity);
    if (wanted === undefined || stay.length >= limits.endpointsPerSliceMax) continue;
    left.delete(identity);
    stay.push(wanted);
  }
  return stay;
}

function identityOf({ addresses, targetRef }: Endpoint): string {
  return `${targetRef?.name ?? ''} ${targetRef?.uid ?? ''} ${addresses.join()}`;
}

function byIdentity(a: Endpoint, b: Endpoint): number {
  return identityOf(a) < identityOf(b) ? -1 : 1;
}
