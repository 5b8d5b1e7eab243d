import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError } from '../../api/api-error.ts';
import { notFound } from '../../api/api-failures.ts';
import type { KubeObject } from '../../schema/object.ts';
import { targetPort } from '../../schema/target-port.ts';
import type { EndpointSlice, Pod, Service } from '../../schema/types.gen.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import type { Target } from '../resources/target.ts';
import { agentOfPod } from '../streams/agent-of-pod.ts';
import type { ProxiedName } from './proxied-name.ts';

/** Where a proxied request goes: always to a pod, by its node. */
export type ProxiedPlace = {
  /** For the Host header. */
  readonly host: string;
  connect(): Promise<Duplex>;
};

/** The pod itself, or one that is ready of those behind a Service. NotFound, BadRequest, ServiceUnavailable. */
export function proxiedPlace(exchange: Exchange, target: Target, to: ProxiedName): Promise<ProxiedPlace> {
  return target.kind.kind === 'Service' ? ofService(exchange, target, to) : ofNamedPod(exchange, target, to);
}

async function ofNamedPod(exchange: Exchange, target: Target, to: ProxiedName): Promise<ProxiedPlace> {
  const pod = await podNamed(exchange, { namespace: target.info.namespace, name: to.name });
  if (pod === null) throw notFound(target.kind, to.name);
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports);
  const number = /^\d+$/.test(to.port) ? Number(to.port) : undefined;
  const port = number ?? declared.find(({ name }) => to.port === '' || name === to.port)?.containerPort;
  if (to.port === '' && port === undefined) return placeIn(exchange, pod, to.scheme === 'https' ? 443 : 80);
  if (port === undefined || port < 1 || port > 65_535)
    throw new ApiError('BadRequest', `pod ${to.name} has no port ${JSON.stringify(to.port)}`);
  return placeIn(exchange, pod, port);
}

async function ofService(exchange: Exchange, target: Target, to: ProxiedName): Promise<ProxiedPlace> {
  const { deps } = exchange;
  const { namespace } = target.info;
  const of = { group: '', kind: 'Service', namespace, name: to.name };
  const service = await deps.client.get<Service & KubeObject>(of, callerOf(exchange));
  if (service === null) throw notFound(target.kind, to.name);
  const ports = (service.spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const byNumber = /^\d+$/.test(to.port);
  const chosen = ports.find(({ name = '', port }) =>
    byNumber ? port === Number(to.port) : name === to.port,
  );
  if (chosen === undefined && byNumber)
    throw unavailable(`no service port ${to.port} found for service ${JSON.stringify(to.name)}`);
  // Nothing named and nothing to choose from: that one is meant.
  const port = chosen ?? (to.port === '' && ports.length === 1 ? ports[0] : undefined);
  const { items } = await deps.client.list<EndpointSlice & KubeObject>(
    { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
    { namespace, labelSelector: `kubernetes.io/service-name=${to.name}` },
    callerOf(exchange),
  );
  const ready = items
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ conditions, targetRef }) =>
      conditions?.ready !== false && targetRef?.kind === 'Pod' ? [targetRef.name ?? ''] : [],
    );
  // Endpoints that are no pods of ours are not gone to: whoever writes them would choose what the daemon connects to.
  const name = ready[Math.floor(deps.random.next() * ready.length)];
  const pod = name === undefined ? null : await podNamed(exchange, { namespace, name });
  const reached = port === undefined || pod === null ? null : targetPort(port, pod);
  if (pod === null || reached === null)
    throw unavailable(`no endpoints available for service ${JSON.stringify(to.name)}`);
  return placeIn(exchange, pod, reached);
}

function podNamed(
  { deps, ...exchange }: Exchange,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<(Pod & KubeObject) | null> {
  return deps.client.get({ group: '', kind: 'Pod', namespace, name }, callerOf({ deps, ...exchange }));
}

function placeIn({ deps }: Exchange, pod: Pod & KubeObject, port: number): ProxiedPlace {
  const { name, namespace = '' } = pod.metadata;
  const agent = agentOfPod(deps.nodes, pod);
  if (pod.status?.phase !== 'Running') throw unavailable(`pod ${name} is not running`);
  const { podIP = '' } = pod.status;
  return {
    // Whoever may write a status may say what is no address, and no header either.
    host: `${isIP(podIP) === 0 ? name : podIP}:${port}`,
    connect: () => agent.forward({ namespace, pod: name }, port),
  };
}

function unavailable(message: string): ApiError {
  return new ApiError('ServiceUnavailable', message);
}
