import { quotaStatus } from '../../api/quota/quota-status.ts';
import type { ResourceQuota } from '../../api/quota/resource-quota.ts';
import type { EpochMs } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Kind, Schema } from '../../schema/schema.ts';

/** The quota as its status should be; null: it is. */
export function decideQuota(
  schema: Schema,
  quota: ResourceQuota,
  counted: { readonly objectsOf: (kind: Kind) => readonly KubeObject[]; readonly now: EpochMs },
): ResourceQuota | null {
  const { hard, used } = quotaStatus(schema, quota, counted);
  if (deepEqual(quota.status?.hard ?? {}, hard) && deepEqual(quota.status?.used ?? {}, used)) return null;
  return { ...quota, status: { ...quota.status, hard: hard ?? {}, used: used ?? {} } };
}
