import type { JsonObject } from '../../base/json.ts';
import type { Schema } from '../schema.ts';
import type { ServedKind, ServedResource } from './served-resource.ts';
import { discoveredGroupVersions, resourcesOf } from './served-resources.ts';

export const aggregatedVersions = ['v2', 'v2beta1'] as const;
export type AggregatedVersion = (typeof aggregatedVersions)[number];

/** The media type of an aggregated document. A client that asks for one version does not read the other. */
export function aggregatedMediaType(version: AggregatedVersion): string {
  return `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
}

/** Discovery in one document: of `/api` (the core group) or `/apis` (all others). */
export function aggregatedDiscovery(
  schema: Schema,
  of: { readonly path: '/api' | '/apis'; readonly version: AggregatedVersion },
): JsonObject {
  const groups = new Map<string, JsonObject[]>();
  for (const { group, version } of discoveredGroupVersions(schema)) {
    if ((group === '') !== (of.path === '/api')) continue;
    const resources = resourcesOf(schema, { group, version }).map(resourceItem);
    const versions = groups.get(group) ?? [];
    versions.push({ version, resources, freshness: 'Current' });
    groups.set(group, versions);
  }
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${of.version}`,
    metadata: {},
    items: [...groups].map(([group, versions]) => ({
      metadata: group === '' ? {} : { name: group },
      versions,
    })),
  };
}

function resourceItem(resource: ServedResource): JsonObject {
  const { shortNames, categories, subresources } = resource;
  return {
    resource: resource.plural,
    responseKind: responseKind(resource),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: responseKind(sub.kind),
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
}

function responseKind({ group, version, kind }: ServedKind): JsonObject {
  return { group, version, kind };
}
