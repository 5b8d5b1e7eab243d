import { isObject, type JsonObject } from '../../base/json.ts';
import type { ServedKind, ServedResource } from '../discovery/served-resource.ts';
import { type GroupVersion, resourcesOf, servedGroupVersions } from '../discovery/served-resources.ts';
import facts from '../facts.json' with { type: 'json' };
import { kubernetesVersion } from '../kubernetes-version.ts';
import type { Schema } from '../schema.ts';
import { customComponentName, customListSchema, customResourceSchema } from './custom-resource-schema.ts';
import type { Descriptions } from './descriptions.ts';
import { noDescriptions } from './descriptions.ts';
import { resourcePaths } from './resource-paths.ts';
import { reachedTypes, typeSchema } from './type-schema.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Types that every group's document holds: what is sent and answered beside the kinds. */
const ALWAYS = ['DeleteOptions', 'Patch', 'Status', 'ObjectMeta', 'ListMeta'].map(
  (name) => `${META}.${name}`,
);

/** `/openapi/v3`: where the document of each version is. `hashOf`: a text that changes when the document does. */
export function openapiIndex(schema: Schema, hashOf: (of: GroupVersion) => string): JsonObject {
  const paths = servedGroupVersions(schema).map((of) => {
    const path = pathOf(of);
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${encodeURIComponent(hashOf(of))}` }];
  });
  return { paths: Object.fromEntries(paths) as JsonObject };
}

function pathOf({ group, version }: GroupVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/**
 * The OpenAPI v3 document of one version of one group, as `/openapi/v3/apis/GROUP/VERSION` answers; undefined when it is not
 * served. Custom resources have the schemas of their definitions.
 */
export function openapiGroup(
  schema: Schema,
  of: GroupVersion,
  options: { readonly descriptions?: Descriptions } = {},
): JsonObject | undefined {
  const resources = resourcesOf(schema, of);
  if (resources.length === 0) return undefined;
  const components = new Components(schema, options.descriptions ?? noDescriptions);
  const paths = resources.map((resource) => {
    components.add(resource);
    return resourcePaths(resource, (kind) => components.nameOf(kind, resource));
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: kubernetesVersion },
    paths: Object.assign({}, ...paths) as JsonObject,
    components: { schemas: components.schemas() },
  };
}

type Gvk = { readonly group: string; readonly version: string; readonly kind: string };

/** `apps/v1/Deployment`, `/v1/Pod` → its parts. */
function gvkOf(text: string): Gvk {
  const [group = '', version = '', kind = ''] = text.split('/');
  return { group, version, kind };
}

const gvksByType = new Map<string, readonly Gvk[]>();
const typeByGvk = new Map<string, string>();
for (const [typeName, fact] of Object.entries(facts.types)) {
  if (!('gvk' in fact)) continue;
  gvksByType.set(typeName, fact.gvk.map(gvkOf));
  for (const text of fact.gvk) typeByGvk.set(text, typeName);
}

/** The schemas of one document. */
class Components {
  private readonly schema: Schema;
  private readonly descriptions: Descriptions;
  private readonly roots = new Set<string>(ALWAYS);
  private readonly custom = new Map<string, JsonObject>();

  constructor(schema: Schema, descriptions: Descriptions) {
    this.schema = schema;
    this.descriptions = descriptions;
  }

  add(resource: ServedResource): void {
    const custom = this.schema.kindByPlural(resource.group, resource.plural)?.custom;
    const version = custom?.versions.get(resource.version);
    if (custom === undefined || version === undefined) {
      this.roots.add(resource.typeName);
      return;
    }
    const { listKind } = custom;
    const list = customListSchema(resource, listKind, this.descriptions);
    this.custom.set(
      customComponentName(resource),
      customResourceSchema(version, resource, this.descriptions),
    );
    this.custom.set(customComponentName({ ...resource, kind: listKind }), list);
  }

  /** The component of a kind that stands in the paths of a resource; undefined when nothing is known of it. */
  nameOf(kind: ServedKind, resource: ServedResource): string | undefined {
    const customName = customComponentName(kind);
    if (this.custom.has(customName)) return customName;
    const typeName =
      kind.kind === resource.kind && kind.group === resource.group && kind.version === resource.version
        ? resource.typeName
        : typeByGvk.get(`${kind.group}/${kind.version}/${kind.kind}`);
    if (typeName === undefined || this.schema.type(typeName) === undefined) return undefined;
    this.roots.add(typeName);
    return typeName;
  }

  schemas(): JsonObject {
    const rows = reachedTypes(this.schema, [...this.roots]).flatMap((typeName) => {
      const type = this.schema.type(typeName);
      if (type === undefined) return [];
      const gvk = gvksByType.get(typeName) ?? [];
      return [[typeName, typeSchema({ typeName, type, gvk }, this.descriptions)] as const];
    });
    return Object.fromEntries([...rows, ...this.custom].filter(([, value]) => isObject(value)));
  }
}
