import type { Container, PodSpec } from '../../schema/types.gen.ts';
import { podLimitations } from '../pod/pod-limitations.ts';

/**
 * What of a pod the `process` driver will not honour, as far as its spec says: for whoever writes it. What only the machine shows (moved
 * ports, the user it gets) is told by the pod's condition once it runs, with these.
 */
export function specLimitations(spec: PodSpec): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const ofPod = spec.securityContext ?? {};
  return [
    ...podLimitations({ apiVersion: 'v1', kind: 'Pod', metadata: { name: '' }, spec }, 'process'),
    ...(ofPod.runAsUser === undefined ? [] : ['securityContext.runAsUser is not applied.']),
    ...(ofPod.runAsGroup === undefined ? [] : ['securityContext.runAsGroup is not applied.']),
    ...containers.flatMap((container) =>
      containerLimitations(container).map((text) => `Container ${container.name}: ${text}`),
    ),
  ];
}

function containerLimitations({
  resources,
  securityContext,
  volumeMounts = [],
}: Container): readonly string[] {
  const said: string[] = [];
  if (resources?.limits?.cpu !== undefined) said.push('The cpu limit is not enforced.');
  if (resources?.limits?.memory !== undefined) said.push('The memory limit is not enforced.');
  if (securityContext?.runAsUser !== undefined) said.push('securityContext.runAsUser is not applied.');
  if (securityContext?.runAsGroup !== undefined) said.push('securityContext.runAsGroup is not applied.');
  if (volumeMounts.some(({ readOnly }) => readOnly === true))
    said.push('Read-only mounts are not kept from being written to.');
  return said;
}
