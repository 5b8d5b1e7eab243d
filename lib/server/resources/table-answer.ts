import { ApiError } from '../../api/api-error.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { servedForm } from '../../schema/served-form.ts';
import { type IncludeObject, includeObjectPolicies, tableOf } from '../../schema/table/table.ts';
import type { Exchange } from '../exchange.ts';
import type { MetaVersion } from '../wire/accept.ts';
import type { Target } from './target.ts';

/** How much of each object a Table's rows carry. Source: metav1 TableOptions. */
function includedObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') || 'Metadata';
  const known = includeObjectPolicies.find((policy) => policy === text);
  if (known !== undefined) return known;
  throw new ApiError('BadRequest', `unrecognized includeObject value: ${JSON.stringify(text)}`);
}

/** metav1.PartialObjectMetadata of an object. */
export function partialObject(object: KubeObject, version: MetaVersion): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** A metav1.Table with these objects and the list's metadata. */
export type TableMaker = (
  objects: readonly KubeObject[],
  metadata: JsonObject,
  options?: { readonly withoutColumns?: boolean },
) => JsonObject;

/** Tables of a target's objects; what is asked once is asked here. */
export function tableMaker(exchange: Exchange, target: Target, tableVersion: MetaVersion): TableMaker {
  const { deps, query } = exchange;
  const { apiVersion, resource } = target;
  const includeObject = includedObject(query);
  const customVersion = target.kind.custom?.versions.get(target.info.version)?.row;
  const of = { apiVersion, kind: resource.kind };
  return (objects, listMetadata, { withoutColumns = false } = {}) => {
    const served = objects.map((object) => servedForm(object, apiVersion));
    const now = deps.clock.now();
    return tableOf(of, served, {
      ...{ now, includeObject, customVersion, listMetadata, tableVersion, withoutColumns },
    });
  };
}

/** The same as JSON. */
export function tableWriter(
  ...of: Parameters<typeof tableMaker>
): (...asked: Parameters<TableMaker>) => string {
  const make = tableMaker(...of);
  return (...asked) => JSON.stringify(make(...asked));
}
