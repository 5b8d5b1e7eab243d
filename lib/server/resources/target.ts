import { ApiError } from '../../api/api-error.ts';
import { assert } from '../../base/errors.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import type { ServedResource } from '../../schema/discovery/served-resource.ts';
import { resourcesOf } from '../../schema/discovery/served-resources.ts';
import { apiVersionOf, type KubeObject, type ObjectRef } from '../../schema/object.ts';
import type { Kind, Schema } from '../../schema/schema.ts';
import type { ResourceRequest } from '../wire/request-info.ts';

/** The resource a request is about, as discovery lists it. */
export type Target = {
  readonly info: ResourceRequest;
  readonly resource: ServedResource;
  readonly kind: Kind;
  /** As the URL has it: the version answers are given in. */
  readonly apiVersion: string;
};

/** null when nothing like it is served. */
export function targetOf(schema: Schema, info: ResourceRequest): Target | null {
  const resource = servedAs(schema, info);
  const kind = resource && schema.kindByPlural(resource.group, resource.plural);
  if (resource === undefined || kind === undefined) return null;
  if (!resource.namespaced && info.namespace !== '' && !isOwnNamespace(info)) return null;
  return { info, resource, kind, apiVersion: apiVersionOf(info.group, info.version) };
}

/**
 * A namespace is in itself: who may do something in it may do so to it. No other one is: `namespaces/a/namespaces/b` would be judged
 * in a, and done to b.
 */
function isOwnNamespace({ resource, namespace, name }: ResourceRequest): boolean {
  return resource === 'namespaces' && namespace === name;
}

export function servedAs(
  schema: Schema,
  of: Pick<ResourceRequest, 'group' | 'version' | 'resource'>,
): ServedResource | undefined {
  return resourcesOf(schema, of).find(({ plural }) => plural === of.resource);
}

export function refOfTarget({ kind, info }: Target): ObjectRef {
  return {
    group: kind.group,
    kind: kind.kind,
    namespace: kind.namespaced ? info.namespace : '',
    name: info.name,
  };
}

/** The namespace a list is of; undefined for all of them. */
export function namespaceOf({ kind, info }: Target): string | undefined {
  return kind.namespaced && info.namespace !== '' ? info.namespace : undefined;
}

/**
 * The body as an object of the resource: what the URL says and the body leaves out is filled in, what they say differently is a
 * BadRequest.
 */
export function objectFor(target: Target, body: JsonObject): KubeObject {
  const { info, resource, kind, apiVersion } = target;
  const given = { apiVersion, kind: resource.kind, ...withoutEmpty(body) };
  checkTexts(target, body);
  if (given.kind !== resource.kind || given.apiVersion !== apiVersion) {
    throw new ApiError(
      'BadRequest',
      given.kind !== resource.kind
        ? `${resource.kind} in version "${info.version}" cannot be handled as a ${resource.kind}: the object is a ${String(given.kind)}`
        : `the API version in the data (${String(given.apiVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  const metadata = isObject(body.metadata) ? body.metadata : {};
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : '';
  if (kind.namespaced && namespace !== '' && namespace !== info.namespace) {
    throw new ApiError(
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const { namespace: _namespace, ...rest } = metadata;
  const object = { ...given, metadata: kind.namespaced ? { ...rest, namespace: info.namespace } : rest };
  assert(typeof object.apiVersion === 'string' && typeof object.kind === 'string', 'compared just now');
  return object as JsonObject as KubeObject;
}

/** The same for a body that replaces the object of this name. */
export function objectNamed(target: Target, body: JsonObject): KubeObject {
  const object = objectFor(target, body);
  const { name } = object.metadata;
  if (!name) return { ...object, metadata: { ...object.metadata, name: target.info.name } };
  if (name === target.info.name) return object;
  throw new ApiError(
    'BadRequest',
    `the name of the object (${name}) does not match the name on the URL (${target.info.name})`,
  );
}

/** What is compared and told before anything else is looked at. */
function checkTexts({ info, resource }: Target, { apiVersion, kind, metadata }: JsonObject): void {
  const { name, namespace, generateName } = isObject(metadata) ? metadata : {};
  const texts = {
    ...{ apiVersion, kind, 'metadata.name': name, 'metadata.namespace': namespace },
    'metadata.generateName': generateName,
  };
  for (const [field, value] of Object.entries(texts)) {
    if (value === undefined || value === null || typeof value === 'string') continue;
    throw new ApiError(
      'BadRequest',
      `${resource.kind} in version "${info.version}" cannot be handled as a ${resource.kind}: ${field} must be a string`,
    );
  }
}

function withoutEmpty({ apiVersion, kind, ...body }: JsonObject): JsonObject {
  return { ...(apiVersion && { apiVersion }), ...(kind && { kind }), ...body };
}
