import { ROOT_CERTIFICATE_CONFIG_MAP, rootCertificateConfigMap } from '../../api/pod-access.ts';
import { deepEqual } from '../../base/json.ts';
import type { ObjectRef } from '../../schema/object.ts';
import type { ConfigMap, Namespace, ServiceAccount } from '../../schema/types.gen.ts';
import { type Context, type Controller, done, type Result, watching } from '../harness/controller.ts';

const NAMESPACE = { group: '', kind: 'Namespace' } as const;
const SERVICE_ACCOUNT = { group: '', kind: 'ServiceAccount' } as const;
const CONFIG_MAP = { group: '', kind: 'ConfigMap' } as const;
const DEFAULT = 'default';

/**
 * Gives every namespace its ServiceAccount `default` and its ConfigMap `kube-root-ca.crt` back when somebody deletes them or changes
 * the certificate. (They are made together with the namespace, by the API.) Without a certificate no such ConfigMap is anybody's
 * business. The content of a namespace on its way out is the garbage collector's.
 */
export function namespaceController(
  options: { readonly rootCertificate?: string | undefined } = {},
): Controller {
  const { rootCertificate } = options;
  const wakes =
    (name: string) => (object: { readonly metadata: { name: string; namespace?: string | undefined } }) =>
      object.metadata.name === name ? [`/${object.metadata.namespace ?? ''}`] : [];
  return {
    name: 'namespace-controller',
    kind: NAMESPACE,
    watches: [
      watching<ServiceAccount>(SERVICE_ACCOUNT, wakes(DEFAULT)),
      ...(rootCertificate === undefined
        ? []
        : [watching<ConfigMap>(CONFIG_MAP, wakes(ROOT_CERTIFICATE_CONFIG_MAP))]),
    ],
    async reconcile(ref, context) {
      const namespace = context.informers.of<Namespace>(NAMESPACE).get(ref);
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return done;
      await keepAccount(ref, context);
      if (rootCertificate !== undefined) await keepCertificate(ref, context, rootCertificate);
      return done satisfies Result;
    },
  };
}

async function keepAccount({ name }: ObjectRef, { informers, client, caller }: Context): Promise<void> {
  const at = { namespace: name, name: DEFAULT };
  if (informers.of<ServiceAccount>(SERVICE_ACCOUNT).get(at) !== undefined) return;
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: at }, caller);
}

async function keepCertificate(
  { name }: ObjectRef,
  { informers, client, caller }: Context,
  certificate: string,
): Promise<void> {
  const wanted = rootCertificateConfigMap(name, certificate);
  const live = informers
    .of<ConfigMap>(CONFIG_MAP)
    .get({ namespace: name, name: ROOT_CERTIFICATE_CONFIG_MAP });
  if (live === undefined) await client.create(wanted, caller);
  else if (!deepEqual(live.data, wanted.data)) {
    await client.update(
      { ...live, kind: wanted.kind, apiVersion: wanted.apiVersion, data: wanted.data },
      caller,
    );
  }
}
