import { ApiError } from '../../api/api-error.ts';
import type { ContainerUsage, PodUsage } from '../../api/node-agent.ts';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import { matchesSelector, parseLabelSelector } from '../../schema/label-selector.ts';
import type { KubeObject } from '../../schema/object.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerJson } from '../resources/answer.ts';
import { methodNotAllowed, notServed } from '../wire/not-served.ts';
import type { ResourceRequest } from '../wire/request-info.ts';

export const METRICS_GROUP = 'metrics.k8s.io';
const apiVersion = `${METRICS_GROUP}/v1beta1`;

/** What pods and nodes use now, measured when it is asked: `kubectl top`. */
export async function answerMetrics(exchange: Exchange, info: ResourceRequest): Promise<void> {
  if (info.version !== 'v1beta1' || info.subresource !== '') throw notServed();
  if (info.verb !== 'get' && info.verb !== 'list') throw methodNotAllowed();
  if (info.resource !== 'pods' && info.resource !== 'nodes') throw notServed();
  // Nodes are in no namespace: it would be judged there, and tell of all.
  if (info.resource === 'nodes' && info.namespace !== '') throw notServed();
  const items = info.resource === 'pods' ? await podMetrics(exchange, info) : await nodeMetrics(exchange);
  // A list may be of one name, by a field selector.
  if (info.verb === 'list') {
    const kind = info.resource === 'pods' ? 'PodMetricsList' : 'NodeMetricsList';
    return answerJson(exchange, 200, { kind, apiVersion, metadata: {}, items });
  }
  const one = items.find(({ metadata }) => metadata.name === info.name);
  if (one === undefined) {
    // As metrics-server names it.
    const kind = info.resource === 'pods' ? 'podmetrics' : 'nodemetrics';
    const name = info.namespace === '' ? info.name : `${info.namespace}/${info.name}`;
    throw new ApiError('NotFound', `${kind}.${METRICS_GROUP} ${JSON.stringify(name)} not found`, {
      details: { group: METRICS_GROUP, kind, name },
    });
  }
  await answerJson(exchange, 200, one);
}

type Metrics = JsonObject & { readonly metadata: JsonObject & { readonly name: string } };

async function podMetrics(exchange: Exchange, { namespace }: ResourceRequest): Promise<readonly Metrics[]> {
  const chosen = await chosenObjects(exchange, 'Pod', namespace);
  const rows: Metrics[] = [];
  for (const agent of exchange.deps.nodes.all()) {
    for (const usage of await agent.stats()) {
      const object = chosen.get(`${usage.namespace}/${usage.pod}`);
      if (object !== undefined) rows.push(podRow(usage, object));
    }
  }
  return rows;
}

async function nodeMetrics(exchange: Exchange): Promise<readonly Metrics[]> {
  const chosen = await chosenObjects(exchange, 'Node', '');
  const rows: Metrics[] = [];
  for (const agent of exchange.deps.nodes.all()) {
    const object = chosen.get(`/${agent.nodeName}`);
    if (object === undefined) continue;
    const stats = await agent.stats();
    const whole = agent.nodeUsage();
    const told = whole ?? stats[0];
    rows.push({
      kind: 'NodeMetrics',
      apiVersion,
      metadata: { name: agent.nodeName, labels: object.metadata.labels ?? {} },
      timestamp: toRfc3339(told?.atMs ?? exchange.deps.clock.now()),
      window: windowText(told?.windowMs ?? secondMs),
      usage: usageOf(whole === null ? stats.flatMap(({ containers }) => containers) : [whole]),
    });
  }
  return rows;
}

function podRow(usage: PodUsage, { metadata }: KubeObject): Metrics {
  return {
    kind: 'PodMetrics',
    apiVersion,
    metadata: { name: usage.pod, namespace: usage.namespace, labels: metadata.labels ?? {} },
    timestamp: toRfc3339(usage.atMs),
    window: windowText(usage.windowMs),
    containers: usage.containers.map((container) => ({ name: container.name, usage: usageOf([container]) })),
  };
}

type Usage = Pick<ContainerUsage, 'cpuMillis' | 'memoryBytes'>;

function usageOf(parts: readonly Usage[]): JsonObject {
  const sum = (of: (part: Usage) => number): number =>
    Math.round(parts.reduce((total, each) => total + of(each), 0));
  return {
    cpu: `${sum(({ cpuMillis }) => cpuMillis)}m`,
    memory: `${Math.round(sum(({ memoryBytes }) => memoryBytes) / 1024)}Ki`,
  };
}

function windowText(windowMs: number): string {
  return `${windowMs / secondMs}s`;
}

/** By namespace and name; those the selectors name. */
async function chosenObjects(
  exchange: Exchange,
  kind: string,
  namespace: string,
): Promise<ReadonlyMap<string, KubeObject>> {
  const parsed = parseLabelSelector(exchange.query.get('labelSelector') ?? '');
  if (parsed.error !== undefined) throw new ApiError('BadRequest', parsed.error);
  const fieldSelector = exchange.query.get('fieldSelector') ?? '';
  const within = { ...(namespace !== '' && { namespace }), ...(fieldSelector !== '' && { fieldSelector }) };
  const { items } = await exchange.deps.client.list({ group: '', kind }, within, callerOf(exchange));
  return new Map(
    items
      .filter(({ metadata }) => matchesSelector(parsed.selector, metadata.labels))
      .map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object]),
  );
}
