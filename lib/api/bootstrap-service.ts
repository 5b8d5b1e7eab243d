import { deepEqual, isArray, isObject } from '../base/json.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import { refOf } from '../schema/object.ts';
import type { Caller, Client, Operation } from './client.ts';
import type { PodAccess } from './pod-access.ts';

const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };

/**
 * Service default/kubernetes with its Endpoints and EndpointSlice: the API, as pods know it. Brought up to date where the API listens
 * elsewhere than before. It keeps the port it has: running pods have been told it. Source: kube-apiserver's kubernetesservice controller.
 */
export async function bootstrapService(client: Client, access: PodAccess): Promise<void> {
  const known = await client.get(refOf(serviceOf(access, 0)), caller);
  const servicePort = portOf(known) ?? access.servicePorts[0] ?? access.port;
  const operations: Operation[] = [];
  for (const object of [serviceOf(access, servicePort), endpointsOf(access), sliceOf(access)]) {
    const ref: ObjectRef = refOf(object);
    const live = await client.get(ref, caller);
    if (live === null) {
      operations.push({ op: 'create', object });
      continue;
    }
    const { metadata, spec, ...rest } = object;
    const next = {
      ...live,
      ...rest,
      metadata: { ...live.metadata, labels: { ...live.metadata.labels, ...metadata.labels } },
      ...(isObject(spec) && { spec: { ...(isObject(live.spec) ? live.spec : {}), ...spec } }),
    };
    if (!deepEqual(next, live)) operations.push({ op: 'update', object: next });
  }
  if (operations.length > 0) await client.transact(operations, caller);
}

const NAME = { name: 'kubernetes', namespace: 'default' } as const;

function serviceOf({ port }: PodAccess, servicePort: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...NAME, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { ports: [{ name: 'https', protocol: 'TCP', port: servicePort, targetPort: port }] },
  };
}

function endpointsOf({ address, port }: PodAccess): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    // Its slice is written beside it.
    metadata: { ...NAME, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function sliceOf({ address, port }: PodAccess): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...NAME, labels: { 'kubernetes.io/service-name': NAME.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

function portOf(service: KubeObject | null): number | null {
  const ports = isObject(service?.spec) ? service.spec.ports : undefined;
  const first = isArray(ports) ? ports[0] : undefined;
  return isObject(first) && typeof first.port === 'number' ? first.port : null;
}
