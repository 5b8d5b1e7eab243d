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

/** JSON of a metav1.Table with these objects and the list's metadata. */
export type TableWriter = (
  objects: readonly KubeObject[],
  metadata: JsonObject,
  options?: { readonly withoutColumns?: boolean },
) => string;

/** Tables of a target's objects; what is asked once is asked here. */
export function tableWriter(exchange: Exchange, target: Target, tableVersion: MetaVersion): TableWriter {
  const { deps, query } = exchange;
  const { apiVersion, resource } = target;
  const includeObject = includedObject(query);
  const customVersion = target.kind.custom?.versions.get(target.info.version)?.row;
  return (objects, listMetadata, { withoutColumns = false } = {}) =>
    JSON.stringify(
      tableOf(
        { apiVersion, kind: resource.kind },
        objects.map((object) => servedForm(object, apiVersion)),
        { now: deps.clock.now(), includeObject, customVersion, listMetadata, tableVersion, withoutColumns },
      ),
    );
}
