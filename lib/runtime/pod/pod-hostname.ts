import type { Pod } from '../../schema/types.gen.ts';
import { type Resolved, resolved, unresolved } from '../references.ts';

/** A label has at most 63 characters; what the kernel keeps as a host's name at most 64. */
const LABEL_CHARS_MAX = 63;
const HOSTNAME_CHARS_MAX = 64;

export type PodHostname = {
  /** What the kernel is told: the full name where the pod has setHostnameAsFQDN. */
  readonly hostname: string;
  /** Its own label alone. */
  readonly label: string;
  /** null: the pod has no subdomain. */
  readonly fqdn: string | null;
};

/** Source: kubelet GeneratePodHostNameAndDomain. */
export function podHostname({ metadata, spec }: Pod, clusterDomain: string): Resolved<PodHostname> {
  const override = spec.hostnameOverride ?? '';
  if (override !== '') return resolved({ hostname: override, label: override, fqdn: null });
  const label = (spec.hostname || metadata.name).slice(0, LABEL_CHARS_MAX).replace(/[-.]{1,63}$/, '');
  const { subdomain = '', setHostnameAsFQDN } = spec;
  if (subdomain === '') return resolved({ hostname: label, label, fqdn: null });
  const fqdn = `${label}.${subdomain}.${metadata.namespace ?? 'default'}.svc.${clusterDomain}`;
  if (setHostnameAsFQDN !== true) return resolved({ hostname: label, label, fqdn });
  if (fqdn.length > HOSTNAME_CHARS_MAX) {
    return unresolved(
      `The pod's full name ${fqdn} has ${fqdn.length} characters; a host name has ${HOSTNAME_CHARS_MAX} at most.`,
    );
  }
  return resolved({ hostname: fqdn, label, fqdn });
}
