import type { AccessRole } from '../../api/access/access-objects.ts';
import type { Informers } from '../../api/informers.ts';
import type { ObjectRef } from '../../schema/object.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { decideClusterRole } from './decide.ts';

const ROLE = { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' } as const;

/** Shows in every ClusterRole that gathers others what it gives. Nobody waits for it: who asks for access is told from the roles themselves. */
export function clusterRoleController(): Controller {
  return {
    name: 'clusterrole-aggregation-controller',
    kind: ROLE,
    watches: [watching<AccessRole>(ROLE, (_role, informers) => gatherers(informers))],
    reconcile,
  };
}

function gatherers(informers: Informers): readonly string[] {
  return [...informers.of<AccessRole>(ROLE).objects.values()]
    .filter(({ aggregationRule }) => aggregationRule !== undefined)
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, { informers, client, caller }: Context): Promise<Result> {
  const roles = informers.of<AccessRole>(ROLE);
  const role = roles.get(ref);
  if (role === undefined) return done;
  const rules = decideClusterRole(role, [...roles.objects.values()]);
  // It carries the resourceVersion that was decided on.
  if (rules !== null) await client.update({ ...role, rules }, caller);
  return done;
}
