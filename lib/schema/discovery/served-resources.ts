import { servedVersions } from '../conversion.ts';
import { compareVersions } from '../custom/custom-kind.ts';
import type { Kind, Schema } from '../schema.ts';
import { CUSTOM_METRICS_GROUP, customMetricsVersions } from './custom-metrics.ts';
import { type ServedResource, type Verb, verbs } from './served-resource.ts';
import { subresourcesOf } from './subresources.ts';

const READ_ONLY: readonly Verb[] = ['get', 'list'];
const CREATE_ONLY: readonly Verb[] = ['create'];
/** Questions: they are answered, never kept. */
const REVIEW_GROUPS: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

function verbsOf(kind: Kind): readonly Verb[] {
  if (REVIEW_GROUPS.has(kind.group) || (kind.group === '' && kind.kind === 'Binding')) return CREATE_ONLY;
  if (kind.group === '' && kind.kind === 'ComponentStatus') return READ_ONLY;
  if (kind.group === '' && kind.kind === 'Namespace')
    return verbs.filter((verb) => verb !== 'deletecollection');
  return verbs;
}

/** Kinds that stand in two groups; both are served. */
const ALSO_IN = [{ group: '', kind: 'Event', as: { group: 'events.k8s.io', version: 'v1' } }] as const;

const METRICS = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';

/** What is measured, not kept: `kubectl top` asks for it. */
const metrics: readonly ServedResource[] = [
  { plural: 'nodes', kind: 'NodeMetrics', namespaced: false },
  { plural: 'pods', kind: 'PodMetrics', namespaced: true },
].map(({ plural, kind, namespaced }) => ({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind,
  plural,
  singular: '',
  shortNames: [],
  categories: [],
  namespaced,
  verbs: READ_ONLY,
  subresources: [],
  typeName: `${METRICS}.${kind}`,
}));

/** The type of a kind in another version of its group, when the facts have it; those of custom resources come with them. */
function typeNameIn(schema: Schema, kind: Kind, group: string, version: string): string | undefined {
  if (kind.custom !== undefined) return `custom.${group}.${version}.${kind.kind}`;
  if (group === kind.group && version === kind.version) return kind.typeName;
  const typeName = `io.k8s.api.${group.split('.')[0]}.${version}.${kind.kind}`;
  return schema.type(typeName) === undefined ? undefined : typeName;
}

function servedIn(
  schema: Schema,
  kind: Kind,
  of: { group: string; version: string },
): readonly ServedResource[] {
  const typeName = typeNameIn(schema, kind, of.group, of.version);
  if (typeName === undefined) return [];
  const { plural, singular, shortNames, categories, namespaced } = kind;
  return [
    {
      group: of.group,
      version: of.version,
      kind: kind.kind,
      plural,
      singular,
      shortNames,
      categories,
      namespaced,
      verbs: verbsOf(kind),
      subresources: subresourcesOf(kind, of.version),
      typeName,
    },
  ];
}

/** By the list of kinds, not by the schema, which may grow: it is asked with every request. */
const known = new WeakMap<readonly Kind[], readonly ServedResource[]>();

/** All that is served, in the order of the groups; of one group, the preferred version first. */
export function servedResources(schema: Schema): readonly ServedResource[] {
  let served = known.get(schema.kinds);
  if (served === undefined) {
    const kinds = schema.kinds.filter((kind) => !kind.internal);
    const own = kinds.flatMap((kind) =>
      servedVersions(kind).flatMap((version) => servedIn(schema, kind, { group: kind.group, version })),
    );
    const moved = ALSO_IN.flatMap(({ group, kind, as }) => {
      const row = schema.kind({ group, kind });
      return row === undefined ? [] : servedIn(schema, row, as);
    });
    served = [...own, ...moved, ...metrics];
    known.set(schema.kinds, served);
  }
  return served;
}

export type GroupVersion = { readonly group: string; readonly version: string };

/** The versions that have a resource, each once; of one group, the preferred one first. */
export function servedGroupVersions(schema: Schema): readonly GroupVersion[] {
  const groups = new Map<string, Set<string>>();
  const custom = new Set<string>();
  for (const { group, version, typeName } of servedResources(schema)) {
    groups.set(group, (groups.get(group) ?? new Set()).add(version));
    if (typeName.startsWith('custom.')) custom.add(group);
  }
  return [...groups].flatMap(([group, versions]) => {
    // What several definitions bring to one group is put in order; ours stand in theirs.
    const sorted = custom.has(group) ? [...versions].sort(compareVersions) : [...versions];
    return sorted.map((version) => ({ group, version }));
  });
}

/** All that discovery names: what is served, and what is measured of pods, whose resources come and go. */
export function discoveredGroupVersions(schema: Schema): readonly GroupVersion[] {
  const measured = customMetricsVersions.map((version) => ({ group: CUSTOM_METRICS_GROUP, version }));
  return [...servedGroupVersions(schema), ...measured];
}

/** The resources of one version of one group; none when it is not served. */
export function resourcesOf(schema: Schema, of: GroupVersion): readonly ServedResource[] {
  return servedResources(schema).filter(({ group, version }) => group === of.group && version === of.version);
}
