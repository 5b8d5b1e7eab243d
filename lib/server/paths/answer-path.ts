import type { JsonObject } from '../../base/json.ts';
import {
  aggregatedDiscovery,
  aggregatedMediaType,
  aggregatedVersions,
} from '../../schema/discovery/aggregated-discovery.ts';
import { CUSTOM_METRICS_GROUP } from '../../schema/discovery/custom-metrics.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../../schema/discovery/discovery.ts';
import { discoveredGroupVersions } from '../../schema/discovery/served-resources.ts';
import type { Exchange } from '../exchange.ts';
import { customMetricsResources } from '../metrics/answer-custom-metrics.ts';
import { mediaRanges } from '../wire/accept.ts';
import { methodNotAllowed } from '../wire/not-served.ts';
import type { PathRequest } from '../wire/request-info.ts';
import { writeJson } from '../wire/write-response.ts';
import { answerHealth } from './answer-health.ts';
import { answerOpenapi } from './answer-openapi.ts';
import { answerPrometheus } from './answer-prometheus.ts';
import { answerUnknown } from './answer-unknown.ts';
import { versionInfo } from './version.ts';

/** Paths that answer anyone who gets through TLS, as Kubernetes' do. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version']);

/** What is not about objects: health, version, discovery, OpenAPI. */
export async function answerPath(exchange: Exchange, { path, verb }: PathRequest): Promise<void> {
  const { response } = exchange;
  if (verb !== 'get' && verb !== 'head') throw methodNotAllowed();
  if (await answerHealth(exchange, path)) return;
  if (path === '/metrics') return answerPrometheus(exchange);
  if (path === '/version') return writeJson(response, 200, JSON.stringify(versionInfo()));
  if (path.startsWith('/openapi/')) return answerOpenapi(exchange, path);
  const trimmed = path.replace(/\/$/, '');
  if ((trimmed === '/api' || trimmed === '/apis') && (await answerAggregated(exchange, trimmed))) return;
  const [, , group, version = ''] = trimmed.split('/');
  const measured = group === CUSTOM_METRICS_GROUP && version !== '';
  const document = measured ? customMetricsResources(exchange, version) : plainDiscovery(exchange, trimmed);
  if (document === undefined) return answerUnknown(exchange, path);
  await writeJson(response, 200, JSON.stringify(document));
}

/** All of discovery in one document, for clients that ask for it so. */
async function answerAggregated(
  { deps, request, response }: Exchange,
  path: '/api' | '/apis',
): Promise<boolean> {
  for (const { type, parameters } of mediaRanges(request.headers.accept)) {
    if (type !== 'application/json') continue;
    if (parameters.get('as') === undefined) return false;
    const version = aggregatedVersions.find((each) => each === parameters.get('v'));
    if (parameters.get('g') !== 'apidiscovery.k8s.io' || version === undefined) continue;
    const document = aggregatedDiscovery(deps.client.schema, { path, version });
    await writeJson(response, 200, JSON.stringify(document), aggregatedMediaType(version));
    return true;
  }
  return false;
}

function plainDiscovery({ deps, request }: Exchange, path: string): JsonObject | undefined {
  const { schema } = deps.client;
  const [, prefix, group = '', version] = path.split('/');
  if (path === '') return { paths: rootPaths(discoveredGroupVersions(schema)) };
  if (path === '/api') return apiVersions(request.headers.host ?? '');
  if (path === '/apis') return apiGroupList(schema);
  if (prefix === 'api' && version === undefined)
    return apiResourceList(schema, { group: '', version: group });
  if (prefix !== 'apis' || group === '') return undefined;
  return version === undefined ? apiGroup(schema, group) : apiResourceList(schema, { group, version });
}

function rootPaths(served: ReturnType<typeof discoveredGroupVersions>): readonly string[] {
  const groups = served.map(({ group, version }) =>
    group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
  );
  return ['/api', '/apis', ...groups, ...PUBLIC_PATHS, '/metrics', '/openapi/v2', '/openapi/v3'];
}
