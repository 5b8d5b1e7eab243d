import { deepEqual } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import {
  type AccessBinding,
  type AccessRole,
  type Asker,
  aggregatedRules,
  rulesFor,
} from '../access/access-objects.ts';
import { type PolicyRule, ruleAllows } from '../access/policy-rule.ts';
import { uncoveredRules } from '../access/uncovered-rules.ts';
import { forbidden, notFound } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

const GROUP = 'rbac.authorization.k8s.io';
const MASTERS = 'system:masters';
const ROLES: ReadonlySet<string> = new Set(['Role', 'ClusterRole']);
const BINDINGS: ReadonlySet<string> = new Set(['RoleBinding', 'ClusterRoleBinding']);
/** What whoever lets a role gather others must hold: nobody knows what it will gather. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody gives what he does not hold: who writes a role must hold all its rules, or the verb `escalate` on it; who writes a binding
 * all that its role gives, or `bind` on the role. Else who may write them may give himself everything.
 * Source: rbac registry policybased storage (role, rolebinding), escalation checks.
 */
export function admitGranting(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  const { user, groups } = context.caller;
  // Without groups it is a part of Pintle itself.
  if (kind.group !== GROUP || groups === undefined || groups.includes(MASTERS)) return object;
  if (previous !== undefined && onlyCollectorsFields(object, previous)) return object;
  const asker: Asker = { user, groups };
  if (ROLES.has(kind.kind)) judgeRole(context, asker, { kind, role: object as AccessRole });
  if (BINDINGS.has(kind.kind)) judgeBinding(context, asker, { kind, binding: object as AccessBinding });
  return object;
}

function judgeRole(
  context: WriteContext,
  asker: Asker,
  { kind, role }: { readonly kind: Kind; readonly role: AccessRole },
): void {
  const { name, namespace = '' } = role.metadata;
  const held = heldRules(context, asker, namespace);
  const at = { type: 'resource', verb: 'escalate', group: GROUP, subresource: '' } as const;
  if (held.some((rule) => ruleAllows(rule, { ...at, resource: kind.plural, namespace, name }))) return;
  const gathers = role.aggregationRule !== undefined;
  refuseUncovered(asker, { kind, name, held, wanted: gathers ? EVERYTHING : (role.rules ?? []) });
}

function judgeBinding(
  context: WriteContext,
  asker: Asker,
  { kind, binding }: { readonly kind: Kind; readonly binding: AccessBinding },
): void {
  const { name, namespace = '' } = binding.metadata;
  const held = heldRules(context, asker, namespace);
  const { roleRef } = binding;
  const ofRole = context.schema.kind({ group: GROUP, kind: roleRef.kind });
  if (ofRole === undefined) return;
  const at = { type: 'resource', verb: 'bind', group: GROUP, subresource: '' } as const;
  const wanted = { ...at, resource: ofRole.plural, namespace, name: roleRef.name };
  if (held.some((rule) => ruleAllows(rule, wanted))) return;
  const place = { namespace: ofRole.namespaced ? namespace : '', name: roleRef.name };
  const role = context.staging.get(ofRole, place) as AccessRole | undefined;
  // What it gives would be whatever somebody writes there later.
  if (role === undefined) throw notFound(ofRole, roleRef.name);
  const rules = ofRole.namespaced
    ? (role.rules ?? [])
    : aggregatedRules(role, of(context, 'ClusterRole', ''));
  refuseUncovered(asker, { kind, name, held, wanted: rules });
}

function refuseUncovered(
  asker: Asker,
  grant: {
    readonly kind: Kind;
    readonly name: string;
    readonly held: readonly PolicyRule[];
    readonly wanted: readonly PolicyRule[];
  },
): void {
  const { kind, name, held, wanted } = grant;
  const missing = uncoveredRules(held, wanted);
  if (missing?.length === 0) return;
  const groups = asker.groups.map((group) => JSON.stringify(group)).join(' ');
  const who = `user ${JSON.stringify(asker.user)} (groups=[${groups}])`;
  const what = missing === null ? 'too many rules to look at' : missing.map(ruleText).join('\n');
  throw forbidden(kind, name, `${who} is attempting to grant RBAC permissions not currently held:\n${what}`);
}

/** As Kubernetes prints one: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const list = (name: string, values: readonly string[] | undefined): readonly string[] =>
    values === undefined ? [] : [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`];
  const parts = [
    ...list('NonResourceURLs', nonResourceURLs),
    ...list('APIGroups', apiGroups),
    ...list('Resources', resources),
    ...list('ResourceNames', resourceNames),
    ...list('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}

function heldRules(context: WriteContext, asker: Asker, namespace: string): readonly PolicyRule[] {
  const inNamespace = namespace !== '';
  return rulesFor(asker, {
    clusterRoles: of(context, 'ClusterRole', ''),
    clusterRoleBindings: of(context, 'ClusterRoleBinding', ''),
    roles: inNamespace ? of(context, 'Role', namespace) : [],
    roleBindings: inNamespace ? of(context, 'RoleBinding', namespace) : [],
  });
}

function of<T extends KubeObject>(context: WriteContext, kindName: string, namespace: string): readonly T[] {
  const kind = context.schema.kind({ group: GROUP, kind: kindName });
  return kind === undefined ? [] : (context.staging.inNamespace(kind, namespace) as readonly T[]);
}

/** The garbage collector may let go of what it does not hold. Source: rbac registry IsOnlyMutatingGCFields. */
function onlyCollectorsFields(object: KubeObject, previous: KubeObject): boolean {
  const bare = ({ metadata, ...rest }: KubeObject): unknown => {
    const {
      ownerReferences: _,
      finalizers: __,
      managedFields: ___,
      resourceVersion: ____,
      ...kept
    } = metadata;
    return { ...rest, metadata: kept };
  };
  return deepEqual(bare(object), bare(previous));
}
