import { isArray, isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Container, Pod, ServiceAccount } from '../../schema/types.gen.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { accessVolume, isAccessVolume, TOKEN_DIRECTORY, VOLUME_PREFIX } from './access-volume.ts';
import { isMirroredByNode } from './mirror-pod.ts';

/**
 * A pod runs as a service account of its namespace: `default` unless it names one. It gets the account's image pull secrets where it
 * names none, and its token, unless pod or account say no (the pod's word counts more). Source: ServiceAccount admission.
 */
export function admitServiceAccount(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined || !isObject(object.spec)) {
    return object;
  }
  // It runs already, and as nobody.
  if (isMirroredByNode(context, object)) return object;
  const given = object.spec.serviceAccountName || object.spec.serviceAccount || 'default';
  const name = typeof given === 'string' ? given : '';
  const accounts = context.schema.kind({ group: '', kind: 'ServiceAccount' });
  const namespace = object.metadata.namespace ?? '';
  const account =
    accounts && (context.staging.get(accounts, { namespace, name }) as ServiceAccount | undefined);
  if (accounts !== undefined && account === undefined) {
    throw forbidden(
      kind,
      object.metadata.name,
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  const secrets = object.spec.imagePullSecrets;
  const inherited = isArray(secrets) && secrets.length > 0 ? undefined : account?.imagePullSecrets;
  const spec = {
    ...object.spec,
    serviceAccountName: name,
    serviceAccount: name,
    ...(inherited !== undefined && { imagePullSecrets: inherited }),
  };
  const mounts = object.spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  const pod = { ...object, spec } as KubeObject & Pod;
  // Where nothing issues tokens none is promised.
  if (mounts !== true || context.settings.rootCertificate === undefined) return pod;
  return withAccess(context, pod);
}

/** The pod with a volume of token, authority and namespace, where programs look for it in each container that mounts nothing there. */
function withAccess(context: WriteContext, pod: KubeObject & Pod): KubeObject {
  const { spec } = pod;
  const known = spec.volumes?.find(isAccessVolume);
  const name = known?.name ?? freeName(context, pod);
  const mounted = (container: Container): Container =>
    container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_DIRECTORY)
      ? container
      : {
          ...container,
          volumeMounts: [
            ...(container.volumeMounts ?? []),
            { name, readOnly: true, mountPath: TOKEN_DIRECTORY },
          ],
        };
  const containers = spec.containers.map(mounted);
  const initContainers = spec.initContainers?.map(mounted);
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const needed = [...containers, ...(initContainers ?? [])].some((container, at) => container !== all[at]);
  if (!needed) return pod;
  return {
    ...pod,
    spec: {
      ...spec,
      containers,
      ...(initContainers !== undefined && { initContainers }),
      volumes: known === undefined ? [...(spec.volumes ?? []), accessVolume(name)] : spec.volumes,
    },
  } as KubeObject;
}

function freeName({ random }: WriteContext, { spec }: Pod): string {
  for (;;) {
    const name = `${VOLUME_PREFIX}${random.suffix(5)}`;
    if (!spec.volumes?.some((volume) => volume.name === name)) return name;
  }
}
