import { canonicalJson } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import type { EndpointSlice, Endpoints, Pod, Service } from '../../schema/types.gen.ts';
import { endpointGroups } from './endpoint-groups.ts';
import { type Placement, placeInSlices } from './place-in-slices.ts';
import { subsetsOf } from './subsets.ts';

/** Labels and values of Kubernetes' own controllers: other tools look for them. */
export const labels = {
  serviceName: 'kubernetes.io/service-name',
  sliceManager: 'endpointslice.kubernetes.io/managed-by',
  endpointsManager: 'endpoints.kubernetes.io/managed-by',
  headless: 'service.kubernetes.io/headless',
} as const;
export const SLICE_MANAGER = 'endpointslice-controller.k8s.io';
const ENDPOINTS_MANAGER = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

export type EndpointsAction =
  | { readonly do: 'create'; readonly object: EndpointSlice | Endpoints }
  | { readonly do: 'update'; readonly object: EndpointSlice | Endpoints }
  | { readonly do: 'delete'; readonly object: EndpointSlice };

export type EndpointsInput = {
  readonly service: Service;
  /** Those its selector matches, those on their way out included. */
  readonly pods: readonly Pod[];
  /** The slices of this Service that we manage. */
  readonly slices: readonly EndpointSlice[];
  readonly endpoints: Endpoints | undefined;
};

/** What it takes for the slices and the Endpoints of a Service to show its pods; nothing when they do. */
export function decideEndpoints(input: EndpointsInput): readonly EndpointsAction[] {
  const { service, pods, slices, endpoints } = input;
  if (!isOurs(service)) return [];
  const groups = endpointGroups(service, pods);
  const placements = placeInSlices(groups, slices);
  const kept = new Set(placements.map(({ slice }) => slice));
  const { subsets, truncated } = subsetsOf(groups, service.spec.publishNotReadyAddresses ?? false);
  const wanted = endpointsObject(service, endpoints, { subsets, truncated });
  return [
    ...placements.flatMap((placement) => sliceAction(service, placement)),
    ...slices.filter((slice) => !kept.has(slice)).map((object) => ({ do: 'delete', object }) as const),
    ...action(endpoints, wanted),
  ];
}

/** Without a selector somebody else says what the endpoints are; an external name has none. */
export function isOurs({ spec, metadata }: Service): boolean {
  const selects = Object.keys(spec.selector ?? {}).length > 0;
  return selects && spec.type !== 'ExternalName' && metadata.deletionTimestamp === undefined;
}

function sliceAction(service: Service, placement: Placement): readonly EndpointsAction[] {
  const { slice, addressType, ports, endpoints } = placement;
  const own = {
    ...serviceLabels(service),
    [labels.serviceName]: service.metadata.name,
    [labels.sliceManager]: SLICE_MANAGER,
  };
  const wanted: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...(slice?.metadata ?? {
        name: '',
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace,
        ownerReferences: [ownerReferenceTo(service)],
      }),
      labels: own,
    },
    addressType,
    endpoints,
    ports,
  };
  return action(slice ?? undefined, wanted);
}

function endpointsObject(
  service: Service,
  before: Endpoints | undefined,
  shown: { readonly subsets: Endpoints['subsets']; readonly truncated: boolean },
): Endpoints {
  const { [OVER_CAPACITY]: _was, ...others } = before?.metadata.annotations ?? {};
  const annotations = shown.truncated ? { ...others, [OVER_CAPACITY]: 'truncated' } : others;
  const { annotations: _annotations, ...metadata } = before?.metadata ?? {
    name: service.metadata.name,
    namespace: service.metadata.namespace,
    // Upstream's controller deletes it with the Service; here the garbage collector does.
    ownerReferences: [ownerReferenceTo(service)],
  };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...metadata,
      labels: { ...serviceLabels(service), [labels.endpointsManager]: ENDPOINTS_MANAGER },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    ...((shown.subsets ?? []).length > 0 && { subsets: shown.subsets }),
  };
}

function serviceLabels({ metadata, spec }: Service): Readonly<Record<string, string>> {
  return { ...metadata.labels, ...(spec.clusterIP === 'None' && { [labels.headless]: '' }) };
}

function action(
  before: EndpointSlice | Endpoints | undefined,
  wanted: EndpointSlice | Endpoints,
): readonly EndpointsAction[] {
  if (before === undefined) return [{ do: 'create', object: wanted }];
  return says(before) === says(wanted) ? [] : [{ do: 'update', object: wanted }];
}

/** What of an object is ours to say. Absent and empty are the same. */
function says(object: KubeObject): string {
  const { metadata, subsets, endpoints, ports } = object;
  const { labels: own = {}, annotations = {} } = metadata;
  const empty = (list: unknown): unknown => (Array.isArray(list) && list.length === 0 ? undefined : list);
  const content = {
    own,
    annotations,
    subsets: empty(subsets),
    endpoints: empty(endpoints),
    ports: empty(ports),
  };
  return canonicalJson(content);
}
