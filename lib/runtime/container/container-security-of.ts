import type { Container, Pod, SeccompProfile } from '../../schema/types.gen.ts';
import type { ContainerSecurity, SeccompChoice } from '../container-security.ts';

/**
 * The container's securityContext over its pod's. Not asked for, system calls are filtered by the runtime's default; a
 * privileged container is not filtered. Source: kubelet, determineEffectiveSecurityContext.
 */
export function containerSecurityOf(pod: Pod, container: Container): ContainerSecurity {
  const own = container.securityContext ?? {};
  const ofPod = pod.spec.securityContext ?? {};
  const privileged = own.privileged === true;
  const { fsGroup } = ofPod;
  return {
    runAsUser: own.runAsUser ?? ofPod.runAsUser ?? null,
    runAsGroup: own.runAsGroup ?? ofPod.runAsGroup ?? null,
    runAsNonRoot: own.runAsNonRoot ?? ofPod.runAsNonRoot ?? false,
    supplementalGroups: [
      ...new Set([...(ofPod.supplementalGroups ?? []), ...(fsGroup === undefined ? [] : [fsGroup])]),
    ],
    supplementalGroupsPolicy: ofPod.supplementalGroupsPolicy === 'Strict' ? 'Strict' : 'Merge',
    capabilities: { add: own.capabilities?.add ?? [], drop: own.capabilities?.drop ?? [] },
    privileged,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation ?? true,
    seccompProfile: privileged
      ? { type: 'Unconfined' }
      : choiceOf(own.seccompProfile ?? ofPod.seccompProfile),
    procMount: own.procMount === 'Unmasked' || privileged ? 'Unmasked' : 'Default',
  };
}

function choiceOf(profile: SeccompProfile | undefined): SeccompChoice {
  if (profile?.type === 'Unconfined') return { type: 'Unconfined' };
  if (profile?.type !== 'Localhost') return { type: 'RuntimeDefault' };
  return { type: 'Localhost', localhostProfile: profile.localhostProfile ?? '' };
}
