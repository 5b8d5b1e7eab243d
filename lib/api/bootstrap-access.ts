import { deepEqual } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Caller, Client, Operation } from './client.ts';
import { defaultAccess } from './default-roles.ts';

const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * The roles and bindings every cluster has, in one transaction. One that is there is brought up to date, unless its annotation
 * says that it is somebody's own now.
 */
export async function bootstrapAccess(client: Client): Promise<void> {
  const operations: Operation[] = [];
  for (const written of defaultAccess) {
    const object = written as KubeObject;
    const ref = {
      group: 'rbac.authorization.k8s.io',
      kind: object.kind,
      namespace: '',
      name: object.metadata.name,
    };
    const live = await client.get(ref, caller);
    if (live === null) {
      operations.push({ op: 'create', object });
      continue;
    }
    // What is gathered is written by the controller; what else there is to gather is not known here.
    if (live.aggregationRule !== undefined) continue;
    const same = deepEqual(live.rules, object.rules) && deepEqual(live.subjects, object.subjects);
    if (same || live.metadata.annotations?.[AUTO_UPDATE] !== 'true') continue;
    const { rules, subjects } = object;
    operations.push({
      op: 'update',
      object: { ...live, ...(rules && { rules }), ...(subjects && { subjects }) },
    });
  }
  if (operations.length > 0) await client.transact(operations, caller);
}
