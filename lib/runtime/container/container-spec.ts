import { expandVariables } from '../../schema/env-expansion.ts';
import type { Container, Pod, VolumeMount } from '../../schema/types.gen.ts';
import { type ContainerSpec, containerIdOf, type Mount } from '../driver.ts';
import { containerResources } from '../pod/pod-group-resources.ts';
import { type Resolved, resolved, unresolved } from '../references.ts';
import { isConfined } from '../volume/confined-path.ts';
import { containerSecurityOf } from './container-security-of.ts';
import { type EnvironmentInput, environmentOf } from './environment.ts';
import { oomScoreAdj } from './oom-score.ts';

export type ContainerSpecInput = EnvironmentInput & {
  /** Of the machine; unset: the container has no place among those that are ended when memory ends. */
  readonly memoryCapacityBytes?: number | undefined;
};

/** Source: core/v1 defaults. */
export const TERMINATION_LOG = '/dev/termination-log';

/** What the driver is to start: everything resolved and expanded; or why it cannot be. */
export function containerSpecOf(input: ContainerSpecInput, attempt: number): Resolved<ContainerSpec> {
  const { pod, container } = input;
  const env = environmentOf(input);
  if (!env.ok) return env;
  const variables = env.value;
  const expand = (text: string): string => expandVariables(text, variables);
  const mounts = mountsOf(container.volumeMounts ?? [], expand);
  if (!mounts.ok) return mounts;
  const security = containerSecurityOf(pod, container);
  if (security.runAsNonRoot && security.runAsUser === 0) {
    return unresolved('The container has runAsNonRoot, and its runAsUser is 0.');
  }
  const podUid = pod.metadata.uid ?? '';
  const resources = containerResources(container);
  const { memoryCapacityBytes: capacity } = input;
  return resolved({
    id: containerIdOf(podUid, container.name, attempt),
    podUid,
    container: container.name,
    attempt,
    image: container.image ?? '',
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    env: [...variables].map(([name, value]) => ({ name, value })),
    workingDir: container.workingDir ?? null,
    mounts: mounts.value,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    user: security.runAsUser,
    group: security.runAsGroup,
    cpuLimitMillis: resources.cpuLimitMillis,
    memoryLimitBytes: resources.memoryLimitBytes,
    security,
    resources,
    ...(capacity !== undefined && { oomScoreAdj: oomScoreAdj(pod, container, capacity) }),
    terminationMessagePath: container.terminationMessagePath || TERMINATION_LOG,
    ...(container.volumeDevices !== undefined && {
      volumeDevices: container.volumeDevices.map(({ name }) => name),
    }),
    ...targetOf(pod, container),
  });
}

/** The container that an ephemeral one was made to look into. */
function targetOf(pod: Pod, { name }: Container): Pick<ContainerSpec, 'targetContainer'> {
  const { targetContainerName = '' } =
    (pod.spec.ephemeralContainers ?? []).find((one) => one.name === name) ?? {};
  return targetContainerName === '' ? {} : { targetContainer: targetContainerName };
}

function mountsOf(
  mounts: readonly VolumeMount[],
  expand: (text: string) => string,
): Resolved<readonly Mount[]> {
  const found: Mount[] = [];
  for (const mount of mounts) {
    const { subPathExpr, mountPropagation: propagation, recursiveReadOnly: recursive } = mount;
    const subPath = subPathExpr === undefined || subPathExpr === '' ? mount.subPath : expand(subPathExpr);
    if (subPath !== undefined && subPath !== '' && !isConfined(subPath)) {
      // As it is written: what a variable holds may be a secret.
      return unresolved(
        `The subPath ${JSON.stringify(subPathExpr || subPath)} of the volume "${mount.name}" leaves the volume.`,
      );
    }
    found.push({
      volume: mount.name,
      mountPath: mount.mountPath,
      readOnly: mount.readOnly === true,
      ...(subPath === undefined || subPath === '' ? {} : { subPath }),
      ...(recursive === 'Enabled' || recursive === 'IfPossible' ? { recursiveReadOnly: recursive } : {}),
      ...(propagation === 'HostToContainer' || propagation === 'Bidirectional' ? { propagation } : {}),
    });
  }
  return resolved(found);
}

/** The container of a pod by name, init and ephemeral containers included. */
export function containerOf(
  pod: {
    readonly spec: {
      readonly containers: readonly Container[];
      readonly initContainers?: readonly Container[] | undefined;
      readonly ephemeralContainers?: readonly Container[] | undefined;
    };
  },
  name: string,
): Container | undefined {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [...initContainers, ...containers, ...ephemeralContainers].find((one) => one.name === name);
}
