import type { Informers } from '../../api/informers.ts';
import { countedKinds } from '../../api/quota/quota-status.ts';
import { QUOTA, type ResourceQuota } from '../../api/quota/resource-quota.ts';
import type { EpochMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { KindRef, KubeObject, ObjectRef } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import { againAt, type Context, type Controller, type Result, watching } from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { decideQuota } from './decide.ts';

/** Kinds whose comings and goings are looked at soon; of all others only now and then. */
const WATCHED: readonly KindRef[] = [
  { group: '', kind: 'Pod' },
  { group: '', kind: 'Service' },
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Secret' },
  { group: '', kind: 'PersistentVolumeClaim' },
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: 'batch', kind: 'Job' },
  { group: 'batch', kind: 'CronJob' },
];

/** Counts anew what a namespace has taken of its quotas: admission charges what comes, and nobody else sees what goes. */
export function quotaController(): Controller {
  const lookedAtMs = new Map<string, EpochMs>();
  return {
    name: 'resourcequota-controller',
    kind: QUOTA,
    watches: WATCHED.map((kind) => watching(kind, quotasOf)),
    reconcile: (ref, context) => reconcile(ref, context, lookedAtMs),
  };
}

function quotasOf({ metadata }: KubeObject, informers: Informers): readonly string[] {
  return informers
    .of(QUOTA)
    .inNamespace(metadata.namespace ?? '')
    .map(keyOf);
}

async function reconcile(
  ref: ObjectRef,
  { informers, client, caller, now }: Context,
  lookedAtMs: Map<string, EpochMs>,
): Promise<Result> {
  const key = `${ref.namespace}/${ref.name}`;
  const quota = informers.of<ResourceQuota>(QUOTA).get(ref);
  if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) {
    lookedAtMs.delete(key);
    return againAt(null);
  }
  // A rollout changes hundreds of pods: they are counted together.
  const dueMs = (lookedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) + timings.quotaCountMs;
  if (now < dueMs) return againAt(dueMs);
  lookedAtMs.set(key, now);
  const lists = new Map<Kind, readonly KubeObject[]>();
  for (const kind of countedKinds(client.schema, Object.keys(quota.spec?.hard ?? {}))) {
    lists.set(kind, (await client.list(kind, { namespace: ref.namespace }, caller)).items);
  }
  const next = decideQuota(client.schema, quota, { objectsOf: (kind) => lists.get(kind) ?? [], now });
  // It carries the resourceVersion it was decided on: what was charged since is not lost, but counted again.
  if (next !== null) await client.update(next, caller, { subresource: 'status' });
  return againAt(now + timings.quotaResyncMs);
}
