import type { Volume } from '../../schema/types.gen.ts';
import { ROOT_CERTIFICATE_CONFIG_MAP, ROOT_CERTIFICATE_KEY } from '../pod-access.ts';

/** Where programs look for what they need to talk to the API. Source: client libraries' in-cluster configuration. */
export const TOKEN_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
export const VOLUME_PREFIX = 'kube-api-access-';
/** An hour, and seven seconds by which Kubernetes knows its own volumes. Source: WarnOnlyBoundTokenExpirationSeconds. */
const TOKEN_SECONDS = 3_607;
const MODE = 0o644;

/** A volume with the token of the pod's account, the authority's certificate and the pod's namespace. Source: ServiceAccount admission. */
export function accessVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: MODE,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
        {
          configMap: {
            name: ROOT_CERTIFICATE_CONFIG_MAP,
            items: [{ key: ROOT_CERTIFICATE_KEY, path: 'ca.crt' }],
          },
        },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}

/** Whether a pod that was copied from another brings such a volume along. */
export function isAccessVolume({ name, projected }: Volume): boolean {
  return (
    name.startsWith(VOLUME_PREFIX) &&
    projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) === true
  );
}
