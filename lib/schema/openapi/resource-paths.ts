import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ServedKind, ServedResource, Verb } from '../discovery/served-resource.ts';
import { refTo } from './property-schema.ts';

const JSON_TYPE = 'application/json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

function parameter(name: string, type: string): JsonObject {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

const pretty = parameter('pretty', 'string');
const WRITE = [
  parameter('dryRun', 'string'),
  parameter('fieldManager', 'string'),
  parameter('fieldValidation', 'string'),
];
const LIST = [
  parameter('allowWatchBookmarks', 'boolean'),
  parameter('continue', 'string'),
  parameter('fieldSelector', 'string'),
  parameter('labelSelector', 'string'),
  parameter('limit', 'integer'),
  parameter('resourceVersion', 'string'),
  parameter('resourceVersionMatch', 'string'),
  parameter('sendInitialEvents', 'boolean'),
  parameter('timeoutSeconds', 'integer'),
  parameter('watch', 'boolean'),
];
const DELETE = [
  parameter('dryRun', 'string'),
  parameter('gracePeriodSeconds', 'integer'),
  parameter('propagationPolicy', 'string'),
];

/** How a verb appears in a document: its HTTP method, what Kubernetes calls it, its parameters. */
const OPERATIONS = {
  get: { method: 'get', action: 'get', parameters: [] },
  list: { method: 'get', action: 'list', parameters: LIST },
  create: { method: 'post', action: 'post', parameters: WRITE },
  update: { method: 'put', action: 'put', parameters: WRITE },
  patch: { method: 'patch', action: 'patch', parameters: [...WRITE, parameter('force', 'boolean')] },
  delete: { method: 'delete', action: 'delete', parameters: DELETE },
  deletecollection: { method: 'delete', action: 'deletecollection', parameters: [...LIST, ...DELETE] },
} as const satisfies Readonly<Record<Exclude<Verb, 'watch'>, unknown>>;

type OperationVerb = keyof typeof OPERATIONS;

type PathOf = {
  readonly kind: ServedKind;
  /** Type of what is sent and answered; undefined: the facts do not have it. */
  readonly typeName: string | undefined;
  readonly listTypeName?: string;
  readonly strategic: boolean;
  readonly verbs: readonly Verb[];
};

function pathItem(
  of: PathOf,
  verbs: readonly OperationVerb[],
  pathParameters: readonly string[],
): JsonObject {
  const operations = verbs
    .filter((verb) => of.verbs.includes(verb))
    .map((verb) => [OPERATIONS[verb].method, operation(of, verb)]);
  const named = pathParameters.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
  return { ...Object.fromEntries(operations), parameters: [...named, pretty] };
}

function operation(of: PathOf, verb: OperationVerb): JsonObject {
  const { group, version, kind } = of.kind;
  const { action, parameters } = OPERATIONS[verb];
  const body = requestTypes(of, verb);
  const answer = verb === 'list' ? of.listTypeName : answerType(of, verb);
  return {
    parameters: parameters as readonly JsonValue[] as JsonValue,
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: body,
            ...(verb === 'delete' || verb === 'deletecollection' ? {} : { required: true }),
          },
        }),
    responses: { 200: { description: 'OK', ...(answer === undefined ? {} : content(answer)) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function answerType(of: PathOf, verb: OperationVerb): string | undefined {
  return verb === 'delete' || verb === 'deletecollection' ? `${META}.Status` : of.typeName;
}

function content(typeName: string): JsonObject {
  return { content: { [JSON_TYPE]: { schema: refTo(typeName) } } };
}

function requestTypes(of: PathOf, verb: OperationVerb): JsonObject | undefined {
  if (verb === 'patch') {
    // kubectl sends a strategic merge patch only where it is listed; custom resources know none.
    const types = of.strategic ? [...PATCH_TYPES, STRATEGIC] : PATCH_TYPES;
    return Object.fromEntries(types.map((type) => [type, { schema: refTo(`${META}.Patch`) }]));
  }
  const typeName =
    verb === 'create' || verb === 'update'
      ? of.typeName
      : verb === 'delete' || verb === 'deletecollection'
        ? `${META}.DeleteOptions`
        : undefined;
  return typeName === undefined ? undefined : { [JSON_TYPE]: { schema: refTo(typeName) } };
}

/** The paths of a resource and its subresources. `typeNameOf`: the component of a kind, when there is one. */
export function resourcePaths(
  resource: ServedResource,
  typeNameOf: (kind: ServedKind) => string | undefined,
): JsonObject {
  const { group, version, plural, namespaced } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? ['namespace'] : [];
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const listTypeName = typeNameOf({ ...resource, kind: `${resource.kind}List` });
  const strategic = !resource.typeName.startsWith('custom.');
  const typeName = typeNameOf(resource);
  const of: PathOf = {
    kind: resource,
    typeName,
    strategic,
    verbs: resource.verbs,
    ...(listTypeName === undefined ? {} : { listTypeName }),
  };
  const paths: Record<string, JsonObject> = {
    [collection]: pathItem(of, ['list', 'create', 'deletecollection'], scope),
  };
  if (resource.verbs.includes('get'))
    paths[`${collection}/{name}`] = pathItem(of, ['get', 'update', 'patch', 'delete'], [...scope, 'name']);
  if (namespaced && resource.verbs.includes('list')) paths[`${root}/${plural}`] = pathItem(of, ['list'], []);
  for (const sub of resource.subresources)
    paths[`${collection}/{name}/${sub.name}`] = pathItem(
      { kind: sub.kind, typeName: typeNameOf(sub.kind), strategic, verbs: sub.verbs },
      ['get', 'create', 'update', 'patch'],
      [...scope, 'name'],
    );
  return paths;
}
