import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { matchesSelector, selectorFromLabels } from '../../schema/label-selector.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import type { EndpointSlice, Endpoints, Pod, Service } from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { decideEndpoints, type EndpointsAction, labels, SLICE_MANAGER } from './decide.ts';

const SERVICE = { group: '', kind: 'Service' } as const;
const POD = { group: '', kind: 'Pod' } as const;
const ENDPOINTS = { group: '', kind: 'Endpoints' } as const;
const SLICE = { group: 'discovery.k8s.io', kind: 'EndpointSlice' } as const;

/** Keeps the EndpointSlices and the Endpoints of Services that select pods. */
export function endpointsController(): Controller {
  return {
    name: 'endpointslice-controller',
    kind: SERVICE,
    watches: [
      watching<Pod>(POD, servicesOf),
      watching<EndpointSlice>(SLICE, (slice) => {
        const service = slice.metadata.labels?.[labels.serviceName];
        return service === undefined ? [] : [`${slice.metadata.namespace ?? ''}/${service}`];
      }),
      watching<Endpoints>(ENDPOINTS, (endpoints) => [keyOf(endpoints)]),
    ],
    reconcile,
  };
}

function servicesOf({ metadata }: Pod, informers: Informers): readonly string[] {
  return informers
    .of<Service>(SERVICE)
    .inNamespace(metadata.namespace ?? '')
    .filter(({ spec }) => matchesSelector(selectorFromLabels(spec.selector), metadata.labels))
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, { informers, client, caller }: Context): Promise<Result> {
  const service = informers.of<Service>(SERVICE).get(ref);
  if (service === undefined) return done;
  const selector = selectorFromLabels(service.spec.selector);
  const actions = decideEndpoints({
    service,
    pods: informers
      .of<Pod>(POD)
      .inNamespace(ref.namespace)
      .filter(({ metadata }) => matchesSelector(selector, metadata.labels)),
    slices: informers
      .of<EndpointSlice>(SLICE)
      .ownedBy(service.metadata.uid ?? '')
      .filter(isManaged),
    endpoints: informers.of<Endpoints>(ENDPOINTS).get({ namespace: ref.namespace, name: ref.name }),
  });
  if (actions.length > 0) await client.transact(actions.map(operationOf), caller);
  return done;
}

function isManaged({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[labels.sliceManager] === SLICE_MANAGER && metadata.deletionTimestamp === undefined;
}

/** Updates carry the resourceVersion that was decided on. */
function operationOf(action: EndpointsAction): Operation {
  if (action.do !== 'delete') return { op: action.do, object: action.object };
  const { uid = '' } = action.object.metadata;
  return { op: 'delete', ref: refOf(action.object), options: { preconditions: { uid } } };
}
