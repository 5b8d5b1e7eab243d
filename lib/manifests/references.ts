import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';
import { type Selector, selectorFromLabels, selectorFromObject } from '../schema/label-selector.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../schema/object.ts';
import { type FieldPattern, fieldPattern, matchesOf, textAt, valueAt } from './field-pattern.ts';
import { podShapeOf } from './pod-shape.ts';
import { kindRows, podRows, type ReferenceRow } from './reference-rows.ts';

export const referenceUses = [
  'namespace',
  'env',
  'volume',
  'claim',
  'image-pull',
  'service-account',
  'class',
  'backend',
  'headless-service',
  'scale-target',
  'tls',
  'role',
] as const;
export type ReferenceUse = (typeof referenceUses)[number];

/** One object names another. */
export type ObjectReference = {
  readonly kind: 'object';
  readonly to: ObjectRef;
  readonly use: ReferenceUse;
  /** Where the name stands. */
  readonly path: FieldPath;
  /** The user said it may be missing, or it usually is. */
  readonly optional: boolean;
  /** Only orders the two; they stay separate components. */
  readonly ordersOnly: boolean;
  /** Keys of the ConfigMap or Secret that are asked for. */
  readonly keys: readonly { readonly key: string; readonly path: FieldPath }[];
  /** Of a Service: the port that is asked for. */
  readonly port?: { readonly value: string | number; readonly path: FieldPath };
};

export const selectorUses = ['service', 'disruption-budget', 'network-policy'] as const;
export type SelectorUse = (typeof selectorUses)[number];

/** One object selects pods of its namespace by label. */
export type SelectorReference = {
  readonly kind: 'selector';
  readonly namespace: string;
  readonly selector: Selector;
  readonly use: SelectorUse;
  readonly path: FieldPath;
  /** As on ObjectReference. A network policy often selects a whole namespace: it would tie all of it together. */
  readonly ordersOnly: boolean;
};

export type Reference = ObjectReference | SelectorReference;

type CompiledRow = ReferenceRow & {
  readonly pattern: FieldPattern;
  readonly keyPattern: FieldPattern | null;
};

const compile = (rows: readonly ReferenceRow[]): readonly CompiledRow[] =>
  rows.map((row) => ({
    ...row,
    pattern: fieldPattern(row.at),
    keyPattern: row.key === undefined ? null : fieldPattern(row.key),
  }));

const compiledPodRows = compile(podRows);
const compiledKindRows: ReadonlyMap<string, readonly CompiledRow[]> = new Map(
  Object.entries(kindRows).map(([kind, rows]) => [kind, compile(rows)]),
);

/** Objects of manifests are shared by many passes and never change. Goes with its object. */
const known = new WeakMap<KubeObject, readonly Reference[]>();

/** Everything an object names or selects, in the order of its fields' table. Never throws, whatever the object's shape. */
export function referencesOf(object: KubeObject): readonly Reference[] {
  let references = known.get(object);
  if (references === undefined) {
    references = findReferences(object);
    known.set(object, references);
  }
  return references;
}

function findReferences(object: KubeObject): readonly Reference[] {
  const namespace = object.metadata.namespace ?? '';
  const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
  const references: Reference[] = [];
  if (namespace !== '') references.push(namespaceReference(namespace));
  for (const row of compiledKindRows.get(kind) ?? [])
    references.push(...byRow(row, object, { namespace, below: [] }));
  const pods = podShapeOf(object);
  if (pods !== null) {
    const below = { namespace, below: pods.specPath };
    for (const row of compiledPodRows) references.push(...byRow(row, pods.spec, below));
  }
  if (kind.startsWith('rbac.authorization.k8s.io/')) references.push(...subjectsOf(object, namespace));
  const selector = selectorOf(kind, object, namespace);
  if (selector !== null) references.push(selector);
  return references;
}

function namespaceReference(namespace: string): ObjectReference {
  return {
    kind: 'object',
    to: { group: '', kind: 'Namespace', namespace: '', name: namespace },
    use: 'namespace',
    path: ['metadata', 'namespace'],
    optional: false,
    ordersOnly: true,
    keys: [],
  };
}

type Below = { readonly namespace: string; readonly below: FieldPath };

function byRow(row: CompiledRow, root: JsonObject, { namespace, below }: Below): readonly ObjectReference[] {
  const references: ObjectReference[] = [];
  for (const { path, value } of matchesOf(root, row.pattern)) {
    const name = row.name === undefined ? (typeof value === 'string' ? value : '') : textAt(value, row.name);
    if (name === undefined || name === '') continue;
    const to = targetOf(row, value, { namespace, name });
    const full = [...below, ...path];
    const port = row.use === 'backend' ? backendPort(value, full) : undefined;
    references.push({
      kind: 'object',
      to,
      use: row.use,
      path: row.name === undefined ? full : [...full, row.name],
      optional: row.optional === true || valueAt(value, 'optional') === true,
      ordersOnly: row.ordersOnly === true,
      keys: keysOf(row, value, full),
      ...(port === undefined ? {} : { port }),
    });
  }
  return references;
}

const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'scheduling.k8s.io/PriorityClass',
  'node.k8s.io/RuntimeClass',
  'networking.k8s.io/IngressClass',
  'storage.k8s.io/StorageClass',
  'rbac.authorization.k8s.io/ClusterRole',
  '/PersistentVolume',
]);

function targetOf(
  row: CompiledRow,
  value: JsonValue,
  own: { readonly namespace: string; readonly name: string },
): ObjectRef {
  // A reference that carries its own kind (scaleTargetRef, roleRef) names its group one of two ways.
  const kind = row.to === '' ? ownKindOf(value) : row.to;
  const slash = kind.indexOf('/');
  const elsewhere = row.namespace === undefined ? undefined : textAt(value, row.namespace);
  return {
    group: kind.slice(0, slash),
    kind: kind.slice(slash + 1),
    namespace: CLUSTER_SCOPED.has(kind) ? '' : (elsewhere ?? own.namespace),
    name: own.name,
  };
}

/** The kind a reference names itself. What stood in `extensions` once has moved, whatever the reference still says. */
function ownKindOf(value: JsonValue): string {
  const kind = textAt(value, 'kind') ?? '';
  const group = textAt(value, 'apiGroup') ?? groupOf(textAt(value, 'apiVersion') ?? '');
  if (group !== 'extensions') return `${group}/${kind}`;
  return kind === 'Ingress' ? `networking.k8s.io/${kind}` : `apps/${kind}`;
}

function keysOf(row: CompiledRow, value: JsonValue, below: FieldPath): ObjectReference['keys'] {
  if (row.keyPattern === null) return [];
  const keys: { readonly key: string; readonly path: FieldPath }[] = [];
  for (const { path, value: key } of matchesOf(value, row.keyPattern)) {
    if (typeof key === 'string' && key !== '') keys.push({ key, path: [...below, ...path] });
  }
  return keys;
}

function backendPort(value: JsonValue, below: FieldPath): ObjectReference['port'] {
  for (const field of ['name', 'number'] as const) {
    const port = valueAt(value, 'port', field);
    if ((typeof port === 'string' && port !== '') || typeof port === 'number') {
      return { value: port, path: [...below, 'port', field] };
    }
  }
  return undefined;
}

const subjectsPattern = fieldPattern('subjects[]');

/** ServiceAccounts that a binding names; users and groups are no objects. */
function subjectsOf(object: KubeObject, namespace: string): readonly ObjectReference[] {
  const references: ObjectReference[] = [];
  for (const { path, value } of matchesOf(object, subjectsPattern)) {
    const name = textAt(value, 'name');
    if (textAt(value, 'kind') !== 'ServiceAccount' || name === undefined) continue;
    references.push({
      kind: 'object',
      to: { group: '', kind: 'ServiceAccount', namespace: textAt(value, 'namespace') ?? namespace, name },
      use: 'service-account',
      path: [...path, 'name'],
      optional: false,
      ordersOnly: true,
      keys: [],
    });
  }
  return references;
}

function selectorOf(kind: string, object: KubeObject, namespace: string): SelectorReference | null {
  switch (kind) {
    case '/Service': {
      // ExternalName Services select nothing, whatever they say.
      if (textAt(object, 'spec', 'type') === 'ExternalName') return null;
      const selector = selectorFromLabels(labelsAt(object, 'spec', 'selector'));
      return selector === null
        ? null
        : {
            kind: 'selector',
            namespace,
            selector,
            use: 'service',
            path: ['spec', 'selector'],
            ordersOnly: false,
          };
    }
    case 'policy/PodDisruptionBudget':
      return ofObject(object, { namespace, field: 'selector', use: 'disruption-budget' });
    case 'networking.k8s.io/NetworkPolicy':
      return ofObject(object, { namespace, field: 'podSelector', use: 'network-policy' });
    default:
      return null;
  }
}

function ofObject(
  object: KubeObject,
  of: { readonly namespace: string; readonly field: string; readonly use: SelectorUse },
): SelectorReference | null {
  const written = valueAt(object, 'spec', of.field);
  if (!isObject(written)) return null;
  const result = selectorFromObject({
    matchLabels: labelsAt(written, 'matchLabels') ?? {},
    matchExpressions: expressionsOf(written),
  });
  if (result.error !== undefined || result.selector === null) return null;
  return {
    kind: 'selector',
    namespace: of.namespace,
    selector: result.selector,
    use: of.use,
    path: ['spec', of.field],
    ordersOnly: of.use === 'network-policy',
  };
}

type Expression = { readonly key: string; readonly operator: string; readonly values: readonly string[] };

const expressionPattern = fieldPattern('matchExpressions[]');
const valuesPattern = fieldPattern('values[]');

function expressionsOf(written: JsonObject): readonly Expression[] {
  return matchesOf(written, expressionPattern).flatMap(({ value }) => {
    const key = textAt(value, 'key');
    const operator = textAt(value, 'operator');
    if (key === undefined || operator === undefined) return [];
    const values = matchesOf(value, valuesPattern).flatMap((item) =>
      typeof item.value === 'string' ? [item.value] : [],
    );
    return [{ key, operator, values }];
  });
}

function labelsAt(root: JsonObject, ...fields: readonly string[]): Record<string, string> | undefined {
  const written = valueAt(root, ...fields);
  if (!isObject(written)) return undefined;
  return Object.fromEntries(
    Object.entries(written).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
