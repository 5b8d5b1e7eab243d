import type { JsonObject } from '../../base/json.ts';
import { apiVersionOf } from '../object.ts';
import type { Schema } from '../schema.ts';
import type { ServedResource } from './served-resource.ts';
import { discoveredGroupVersions, type GroupVersion, resourcesOf } from './served-resources.ts';

/** The document of `/api`. `serverAddress`: host and port that clients reach the API at. */
export function apiVersions(serverAddress: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** The document of `/apis`: every group but the core one. */
export function apiGroupList(schema: Schema): JsonObject {
  const groups = [...byGroup(discoveredGroupVersions(schema))].filter(([group]) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => groupRow(group, versions)),
  };
}

/** The document of `/apis/GROUP`; undefined when there is no such group. */
export function apiGroup(schema: Schema, group: string): JsonObject | undefined {
  const versions = byGroup(discoveredGroupVersions(schema)).get(group);
  if (group === '' || versions === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupRow(group, versions) };
}

function groupRow(group: string, versions: readonly string[]): JsonObject {
  const rows = versions.map((version) => ({ groupVersion: apiVersionOf(group, version), version }));
  return { name: group, versions: rows, preferredVersion: rows[0] };
}

function byGroup(served: readonly GroupVersion[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { group, version } of served) groups.set(group, [...(groups.get(group) ?? []), version]);
  return groups;
}

/** The document of `/api/v1` or `/apis/GROUP/VERSION`; undefined when it is not served. */
export function apiResourceList(schema: Schema, of: GroupVersion): JsonObject | undefined {
  const resources = resourcesOf(schema, of);
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(of.group, of.version),
    resources: resources.flatMap(resourceRows),
  };
}

function resourceRows(resource: ServedResource): readonly JsonObject[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource;
  const row = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  const below = resource.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    // A kind of another group says so; its own group goes without saying.
    ...(sub.kind.group === resource.group && sub.kind.version === resource.version
      ? {}
      : { group: sub.kind.group, version: sub.kind.version }),
    kind: sub.kind.kind,
    verbs: sub.verbs,
  }));
  return [row, ...below];
}
