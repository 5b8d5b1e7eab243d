import { ApiError } from '../../api/api-error.ts';
import { type MetricSum, podMetricsOf, podsBehind, sumByPod, sumOf } from '../../api/pod-metrics.ts';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { CUSTOM_METRICS_GROUP, customMetricsVersions } from '../../schema/discovery/custom-metrics.ts';
import { parseLabelSelector, type Requirement, type Selector } from '../../schema/label-selector.ts';
import { apiVersionOf, type KubeObject } from '../../schema/object.ts';
import { formatQuantity, quantityFromMillis } from '../../schema/quantity.ts';
import type { Kind } from '../../schema/schema.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerJson } from '../resources/answer.ts';
import { methodNotAllowed, notServed } from '../wire/not-served.ts';
import type { ResourceRequest } from '../wire/request-info.ts';

type Row = { readonly object: KubeObject; readonly sum: MetricSum };

/**
 * What pods tell of themselves, by the objects they are of: `…/namespaces/shop/pods/web-1/requests_per_second`, `pods/*` for all, a
 * Service or a workload for those it selects, `namespaces/shop/metrics/…` for all of a namespace.
 */
export async function answerCustomMetrics(exchange: Exchange, info: ResourceRequest): Promise<void> {
  const version = customMetricsVersions.find((each) => each === info.version);
  if (version === undefined || info.namespace === '') throw notServed();
  if (info.verb !== 'get') throw methodNotAllowed();
  const ofNamespace = info.resource === 'metrics';
  const metric = ofNamespace ? info.name : info.subresource;
  if (metric === '' || (ofNamespace && info.subresource !== '')) throw notServed();
  const kind = ofNamespace ? kindNamed(exchange, 'namespaces') : kindNamed(exchange, info.resource);
  if (kind === undefined || (!ofNamespace && !kind.namespaced)) throw notServed();
  const selector = selectorOf(exchange, 'metricLabelSelector');
  const objects = await describedObjects(exchange, {
    kind,
    namespace: info.namespace,
    name: ofNamespace ? info.namespace : info.name,
  });
  const sums = sumByPod(podMetricsOf(exchange.deps.nodes, metric), {
    namespace: info.namespace,
    name: metric,
    selector,
  });
  const rows = await rowsOf(exchange, { objects, sums, namespace: info.namespace });
  if (rows.length === 0) throw notFound(info, metric);
  const said = selectorObject(selector);
  const items = rows.map((row) =>
    version === 'v1beta1' ? itemV1beta1(row, metric, said) : itemV1beta2(row, metric, said),
  );
  const apiVersion = apiVersionOf(CUSTOM_METRICS_GROUP, version);
  await answerJson(exchange, 200, { kind: 'MetricValueList', apiVersion, metadata: {}, items });
}

/** The document of `/apis/custom.metrics.k8s.io/VERSION`: the metrics that are known now. */
export function customMetricsResources({ deps }: Exchange, version: string): JsonObject | undefined {
  if (!customMetricsVersions.some((each) => each === version)) return undefined;
  const names = [...new Set(podMetricsOf(deps.nodes).map(({ name }) => name))].sort();
  const resources = names.slice(0, limits.metricNamesListedMax).flatMap((name) =>
    [
      { name: `pods/${name}`, namespaced: true },
      { name: `namespaces/${name}`, namespaced: false },
    ].map((row) => ({ ...row, singularName: '', kind: 'MetricValueList', verbs: ['get'] })),
  );
  const groupVersion = apiVersionOf(CUSTOM_METRICS_GROUP, version);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

/** `pods`, `deployments.apps`. */
function kindNamed({ deps }: Exchange, resource: string): Kind | undefined {
  const dot = resource.indexOf('.');
  const [plural, group] = dot < 0 ? [resource, null] : [resource.slice(0, dot), resource.slice(dot + 1)];
  return deps.client.schema.kinds.find(
    (kind) => !kind.internal && kind.plural === plural && (group === null || kind.group === group),
  );
}

/** Who may read a metric need not see the object: what is told of it is what the metric's own rule allows. */
async function describedObjects(
  exchange: Exchange,
  of: { readonly kind: Kind; readonly namespace: string; readonly name: string },
): Promise<readonly KubeObject[]> {
  const { kind, namespace, name } = of;
  const { client } = exchange.deps;
  const caller = callerOf(exchange);
  if (name !== '*') {
    const object = await client.get(
      { ...ref(kind), namespace: kind.namespaced ? namespace : '', name },
      caller,
    );
    return object === null ? [] : [object];
  }
  const labelSelector = exchange.query.get('labelSelector') ?? '';
  const { items } = await client.list(
    ref(kind),
    { namespace, ...(labelSelector !== '' && { labelSelector }) },
    caller,
  );
  return items;
}

function ref({ group, kind }: Kind): { readonly group: string; readonly kind: string } {
  return { group, kind };
}

async function rowsOf(
  exchange: Exchange,
  of: {
    readonly objects: readonly KubeObject[];
    readonly sums: ReadonlyMap<string, MetricSum>;
    readonly namespace: string;
  },
): Promise<readonly Row[]> {
  const { sums, namespace, objects } = of;
  if (sums.size === 0 || objects.length === 0) return [];
  const single = objects.every(({ kind, apiVersion }) => kind === 'Pod' && apiVersion === 'v1');
  const pods = single
    ? []
    : ((await exchange.deps.client.list({ group: '', kind: 'Pod' }, { namespace }, callerOf(exchange)))
        .items as readonly Pod[]);
  return objects.flatMap((object): readonly Row[] => {
    const behind = single ? [object as Pod] : (podsBehind(object, pods) ?? []);
    const sum = sumOf(behind.flatMap(({ metadata }) => sums.get(metadata.name) ?? []));
    return sum === null ? [] : [{ object, sum }];
  });
}

function described({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  const { name, namespace } = metadata;
  // As adapters write it: a core kind's version follows an empty group.
  const written = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  return { kind, ...(namespace !== undefined && { namespace }), name, apiVersion: written };
}

function told({ value, atMs, windowMs }: MetricSum): JsonObject {
  const seconds = Math.round(windowMs / secondMs);
  return {
    timestamp: toRfc3339(atMs),
    ...(seconds > 0 && { windowSeconds: seconds }),
    value: formatQuantity(quantityFromMillis(Math.ceil(value * 1_000))),
  };
}

function itemV1beta1({ object, sum }: Row, metricName: string, selector: JsonObject | null): JsonObject {
  return { describedObject: described(object), metricName, ...told(sum), selector };
}

function itemV1beta2({ object, sum }: Row, name: string, selector: JsonObject | null): JsonObject {
  return { describedObject: described(object), metric: { name, selector }, ...told(sum) };
}

/** The selector of a query as a LabelSelector; null: there was none. */
function selectorObject(selector: Selector): JsonObject | null {
  if (selector === null || selector.length === 0) return null;
  const operators: Readonly<Partial<Record<Requirement['operator'], string>>> = {
    ...{
      '=': 'In',
      '==': 'In',
      in: 'In',
      '!=': 'NotIn',
      notin: 'NotIn',
      exists: 'Exists',
      '!': 'DoesNotExist',
    },
  };
  const matchExpressions = selector.flatMap(({ key, operator, values }): readonly JsonObject[] => {
    const written = operators[operator];
    if (written === undefined) return [];
    return [{ key, operator: written, ...(values.length > 0 && { values }) }];
  });
  return { matchExpressions };
}

function selectorOf({ query }: Exchange, name: string): Selector {
  const parsed = parseLabelSelector(query.get(name) ?? '');
  if (parsed.error !== undefined) throw new ApiError('BadRequest', parsed.error);
  return parsed.selector;
}

/** As adapters say it. */
function notFound({ resource, name }: ResourceRequest, metric: string): ApiError {
  const of = name === '*' || name === metric ? resource : `${resource} ${name}`;
  return new ApiError('NotFound', `the server could not find the metric ${metric} for ${of}`);
}
