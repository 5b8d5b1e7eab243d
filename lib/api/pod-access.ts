import type { DurationMs, EpochMs } from '../base/clock.ts';
import type { KubeObject } from '../schema/object.ts';

/** Whom a token is for, as the volume of a pod asks. */
export type PodTokenRequest = {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  /** The token dies with it. */
  readonly pod: { readonly name: string; readonly uid: string };
  /** Unset: the API itself. */
  readonly audience?: string;
  readonly lifetimeMs: DurationMs;
};

export type PodToken = { readonly token: string; readonly issuedMs: EpochMs; readonly expiresMs: EpochMs };

export type IssueToken = (request: PodTokenRequest) => PodToken;

/** How pods reach the API, and what they are known by there. Absent where no API is served. */
export type PodAccess = {
  /** The authority that signed the API's certificate, PEM: `ca.crt` of every namespace. */
  readonly rootCertificate: string;
  readonly issueToken: IssueToken;
  /** Where the API listens. */
  readonly address: string;
  readonly port: number;
  /** Ports default/kubernetes can have now, the best first; never empty. */
  readonly servicePorts: readonly number[];
};

/** The ConfigMap of every namespace that holds the authority's certificate. Source: kube-controller-manager's root-ca-cert-publisher. */
export const ROOT_CERTIFICATE_CONFIG_MAP = 'kube-root-ca.crt';
export const ROOT_CERTIFICATE_KEY = 'ca.crt';

export function rootCertificateConfigMap(namespace: string, certificate: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: ROOT_CERTIFICATE_CONFIG_MAP,
      namespace,
      annotations: { 'kubernetes.io/description': DESCRIPTION },
    },
    data: { [ROOT_CERTIFICATE_KEY]: certificate },
  };
}

const DESCRIPTION = 'The certificate authority by which programs know the API of this installation.';
