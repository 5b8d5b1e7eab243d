import type { KubeObject } from '../../schema/object.ts';
import type { Admission, Admit, WriteContext } from '../write-context.ts';
import { admitAutomaticTolerations } from './automatic-tolerations.ts';
import { admitCertificateSigning } from './certificate-signing.ts';
import { admitEndpointAddresses } from './endpoint-addresses.ts';
import { admitEphemeralContainers } from './ephemeral-containers.ts';
import { admitGranting } from './granting.ts';
import { admitJob } from './job.ts';
import { admitLimitRange } from './limit-range.ts';
import { admitMirrorPod } from './mirror-pod.ts';
import { admitNamespaceFinalizers } from './namespace-finalizers.ts';
import { admitNamespaceLifecycle } from './namespace-lifecycle.ts';
import { admitNotEnforced } from './not-enforced.ts';
import { admitNotHonoured } from './not-honoured.ts';
import { admitPodCount } from './pod-count.ts';
import { admitPodSecurity } from './pod-security.ts';
import { admitPodSecurityLevel } from './pod-security-level.ts';
import { admitPriority } from './priority.ts';
import { admitQosClass } from './qos-class.ts';
import { admitResourceQuota } from './resource-quota.ts';
import { admitServiceAccount } from './service-account.ts';
import { admitServiceAddresses } from './service-addresses.ts';
import { admitStorage } from './storage.ts';

/** In this order: what completes an object comes before what judges it. */
const chain: readonly Admit[] = [
  admitNamespaceLifecycle,
  admitNamespaceFinalizers,
  admitMirrorPod,
  // Before anything is added: it is about what was written.
  admitNotHonoured,
  admitLimitRange,
  admitServiceAccount,
  admitPriority,
  admitAutomaticTolerations,
  admitJob,
  admitStorage,
  admitCertificateSigning,
  admitGranting,
  admitQosClass,
  admitEphemeralContainers,
  admitPodSecurity,
  admitPodSecurityLevel,
  admitPodCount,
  admitServiceAddresses,
  admitEndpointAddresses,
  admitNotEnforced,
  // The last: what is refused is not charged, and what is charged is whole.
  admitResourceQuota,
];

export function admit(context: WriteContext, admission: Admission): KubeObject {
  return chain.reduce((object, link) => link(context, { ...admission, object }), admission.object);
}
