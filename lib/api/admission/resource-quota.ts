import { deepEqual, isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type ResourceAmounts, readAmounts } from '../../schema/pod-resources.ts';
import {
  addQuantities,
  compareQuantities,
  type Quantity,
  subtractQuantities,
} from '../../schema/quantity.ts';
import type { Kind } from '../../schema/schema.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { forbidden } from '../api-failures.ts';
import { mustSpecify } from '../quota/must-specify.ts';
import { objectUsage } from '../quota/object-usage.ts';
import { quotaMatches } from '../quota/quota-scopes.ts';
import { quotaStatus, written } from '../quota/quota-status.ts';
import { QUOTA, type ResourceQuota } from '../quota/resource-quota.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/**
 * No more of anything than the quotas of its namespace allow. What is admitted is charged in the same transaction, so no two writes
 * can have the same room; what is given back is counted anew by the quota controller. A quota knows from the start what is taken.
 * Source: ResourceQuota admission.
 */
export function admitResourceQuota(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object } = admission;
  if (!kind.namespaced) return object;
  const quotas = context.schema.kind(QUOTA);
  if (quotas === undefined) return object;
  const found = context.staging.inNamespace(
    quotas,
    object.metadata.namespace ?? '',
  ) as readonly ResourceQuota[];
  for (const quota of found) charge(context, admission, { kind: quotas, quota });
  return kind === quotas ? withStatus(context, admission, quotas) : object;
}

function withStatus(context: WriteContext, { object, previous }: Admission, kind: Kind): KubeObject {
  if (previous !== undefined && deepEqual(previous.spec, object.spec)) return object;
  const namespace = object.metadata.namespace ?? '';
  const objectsOf = (counted: Kind): readonly KubeObject[] => [
    ...context.staging.inNamespace(counted, namespace),
    ...(counted === kind && previous === undefined ? [object] : []),
  ];
  const status = quotaStatus(context.schema, object as ResourceQuota, { objectsOf, now: context.now });
  return { ...object, status: { ...(isObject(object.status) ? object.status : {}), ...status } };
}

function charge(
  context: WriteContext,
  { kind, object, previous }: Admission,
  to: { readonly kind: Kind; readonly quota: ResourceQuota },
): void {
  const { quota } = to;
  if (!quotaMatches(quota, kind, object)) return;
  const hard = readAmounts(quota.status?.hard ?? quota.spec?.hard);
  if (kind.group === '' && kind.kind === 'Pod' && previous === undefined) {
    const missing = mustSpecify(object as Pod, new Set(hard.keys()));
    if (missing !== null) throw refused(kind, object, `failed quota: ${quota.metadata.name}: ${missing}`);
  }
  const before =
    previous === undefined || !quotaMatches(quota, kind, previous)
      ? new Map<string, Quantity>()
      : objectUsage(kind, previous, context.now);
  const more = increase(objectUsage(kind, object, context.now), before, hard);
  if (more.size === 0) return;
  const used = readAmounts(quota.status?.used);
  const unknown = [...more.keys()].filter((name) => !used.has(name));
  if (unknown.length > 0) {
    const names = unknown.sort().join(',');
    throw refused(kind, object, `status unknown for quota: ${quota.metadata.name}, resources: ${names}`);
  }
  const next = new Map(used);
  const over = new Map<string, Quantity>();
  for (const [name, requested] of more) {
    const taken = addQuantities(used.get(name) ?? requested, requested);
    next.set(name, taken);
    const limit = hard.get(name);
    if (limit !== undefined && compareQuantities(taken, limit) > 0) over.set(name, requested);
  }
  if (over.size > 0) {
    const only = (amounts: ResourceAmounts): string =>
      listed(new Map([...amounts].filter(([name]) => over.has(name))));
    const said = `requested: ${listed(over)}, used: ${only(used)}, limited: ${only(hard)}`;
    throw refused(kind, object, `exceeded quota: ${quota.metadata.name}, ${said}`);
  }
  context.staging.put(to.kind, { ...quota, status: { ...quota.status, used: written(next) } });
}

/** What a write takes more of than before, of what the quota limits. */
function increase(after: ResourceAmounts, before: ResourceAmounts, hard: ResourceAmounts): ResourceAmounts {
  const more = new Map<string, Quantity>();
  for (const [name, amount] of after) {
    if (!hard.has(name)) continue;
    const was = before.get(name);
    const delta = was === undefined ? amount : subtractQuantities(amount, was);
    if (delta.nanos > 0n) more.set(name, delta);
  }
  return more;
}

function refused(kind: Kind, object: KubeObject, why: string): Error {
  return forbidden(kind, object.metadata.name, why);
}

function listed(amounts: ResourceAmounts): string {
  return Object.entries(written(amounts))
    .map(([name, quantity]) => `${name}=${quantity}`)
    .join(',');
}
