import type { Container, Pod, PodSecurityContext, SecurityContext } from '../../schema/types.gen.ts';
import type { PodDriver } from '../driver.ts';

/** What of a pod's spec is not honoured under a driver, as far as the spec itself says, so that the pod can say so. */
export function podLimitations(pod: Pod, driver: PodDriver['name']): readonly string[] {
  const { spec } = pod;
  const said: string[] = [];
  const shared = driver === 'process';
  if (shared && (spec.hostAliases ?? []).length > 0) said.push('hostAliases are not written.');
  if (shared && spec.shareProcessNamespace === true) said.push('shareProcessNamespace is not applied.');
  if (shared)
    for (const field of ['fsGroup', 'supplementalGroups', 'sysctls'] as const)
      if (spec.securityContext?.[field] !== undefined) said.push(`securityContext.${field} is not applied.`);
  if (spec.hostUsers === false) said.push("hostUsers: false is not applied: users are the machine's own.");
  said.push(...contextLimitations(spec.securityContext));
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  for (const container of [...initContainers, ...containers, ...ephemeralContainers]) {
    const own = [...containerLimitations(container), ...(shared ? unshieldedLimitations(container) : [])];
    said.push(...own.map((text) => `Container ${container.name}: ${text}`));
  }
  return said;
}

/** Nothing here applies these, whatever runs the pod. */
function contextLimitations(context: PodSecurityContext | SecurityContext | undefined): readonly string[] {
  const { appArmorProfile, seLinuxOptions } = context ?? {};
  return [
    ...(appArmorProfile?.type === 'Localhost' ? ['securityContext.appArmorProfile is not applied.'] : []),
    ...(seLinuxOptions === undefined ? [] : ['securityContext.seLinuxOptions are not applied.']),
  ];
}

function containerLimitations(container: Container): readonly string[] {
  const said: string[] = [];
  if ((container.restartPolicyRules ?? []).length > 0) said.push('restartPolicyRules are not applied.');
  return [...said, ...contextLimitations(container.securityContext)];
}

/** A container that has no root file system and no namespaces of its own. */
function unshieldedLimitations(container: Container): readonly string[] {
  const said: string[] = [];
  if ((container.volumeDevices ?? []).length > 0) said.push('volumeDevices are not attached.');
  const { capabilities, readOnlyRootFilesystem, seccompProfile } = container.securityContext ?? {};
  if (capabilities !== undefined) said.push('securityContext.capabilities are not applied.');
  if (readOnlyRootFilesystem === true) said.push('securityContext.readOnlyRootFilesystem is not applied.');
  if (seccompProfile !== undefined) said.push('securityContext.seccompProfile is not applied.');
  return said;
}
