import type { ObjectRef } from '../../schema/object.ts';
import type { Namespace, ServiceAccount } from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';

const NAMESPACE = { group: '', kind: 'Namespace' } as const;
const SERVICE_ACCOUNT = { group: '', kind: 'ServiceAccount' } as const;
const DEFAULT = 'default';

/**
 * Gives every namespace its ServiceAccount `default` back when somebody deletes it. (It is made together with the namespace, by
 * the API.) The content of a namespace on its way out is the garbage collector's.
 */
export function namespaceController(): Controller {
  return {
    name: 'namespace-controller',
    kind: NAMESPACE,
    watches: [
      watching<ServiceAccount>(SERVICE_ACCOUNT, ({ metadata }) =>
        metadata.name === DEFAULT ? [`/${metadata.namespace ?? ''}`] : [],
      ),
    ],
    reconcile,
  };
}

async function reconcile(ref: ObjectRef, { informers, client, caller }: Context): Promise<Result> {
  const namespace = informers.of<Namespace>(NAMESPACE).get(ref);
  if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return done;
  const at = { namespace: ref.name, name: DEFAULT };
  if (informers.of<ServiceAccount>(SERVICE_ACCOUNT).get(at) !== undefined) return done;
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: at }, caller);
  return done;
}
