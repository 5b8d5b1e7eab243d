import type { Container, Pod } from '../../schema/types.gen.ts';
import { GRPC_UNSUPPORTED } from '../probe/run-handler.ts';

/** What of a pod's spec no driver is ever told of, so that the pod can say it is not honoured. */
export function podLimitations(pod: Pod): readonly string[] {
  const { spec } = pod;
  const said: string[] = [];
  if ((spec.hostAliases ?? []).length > 0) said.push('hostAliases are not written.');
  if (spec.shareProcessNamespace === true) said.push('shareProcessNamespace is not applied.');
  for (const field of ['fsGroup', 'supplementalGroups', 'sysctls'] as const) {
    if (spec.securityContext?.[field] !== undefined) said.push(`securityContext.${field} is not applied.`);
  }
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  for (const container of [...initContainers, ...containers, ...ephemeralContainers]) {
    said.push(...containerLimitations(container).map((text) => `Container ${container.name}: ${text}`));
  }
  return said;
}

function containerLimitations(container: Container): readonly string[] {
  const said: string[] = [];
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  if (probes.some((probe) => probe?.grpc !== undefined)) said.push(GRPC_UNSUPPORTED);
  if ((container.restartPolicyRules ?? []).length > 0) said.push('restartPolicyRules are not applied.');
  if ((container.volumeDevices ?? []).length > 0) said.push('volumeDevices are not attached.');
  const { capabilities, readOnlyRootFilesystem, seccompProfile } = container.securityContext ?? {};
  if (capabilities !== undefined) said.push('securityContext.capabilities are not applied.');
  if (readOnlyRootFilesystem === true) said.push('securityContext.readOnlyRootFilesystem is not applied.');
  if (seccompProfile !== undefined) said.push('securityContext.seccompProfile is not applied.');
  return said;
}
