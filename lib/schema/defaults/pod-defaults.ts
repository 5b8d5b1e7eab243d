import type { Draft } from '../draft.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../types.gen.ts';
import { defaultContainer } from './container-defaults.ts';
import { defaultVolume } from './volume-defaults.ts';

/** Source: core/v1 defaults.go SetDefaults_PodSpec. Pods and templates alike. */
export function defaultPodSpec(spec: Draft<PodSpec>): void {
  spec.restartPolicy ??= 'Always';
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.schedulerName ??= 'default-scheduler';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  // One field with two names; both are written. The new one wins.
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  containers.forEach(defaultContainer);
  spec.ephemeralContainers?.forEach(defaultContainer);
  spec.volumes?.forEach(defaultVolume);
  if (spec.hostNetwork !== true) return;
  for (const { ports } of containers) for (const port of ports ?? []) port.hostPort ??= port.containerPort;
}

/** On Pods only: Services are told to it, and what a container may use at most it also requests, unless it says otherwise. */
export function defaultPod(pod: Draft<Pod>): void {
  if (pod.spec === undefined) return;
  defaultPodSpec(pod.spec);
  pod.spec.enableServiceLinks ??= true;
  for (const { resources } of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])]) {
    if (resources?.limits === undefined) continue;
    resources.requests = { ...resources.limits, ...resources.requests };
  }
}

export function defaultPodTemplate(template: Draft<PodTemplateSpec> | undefined): void {
  if (template?.spec !== undefined) defaultPodSpec(template.spec);
}
