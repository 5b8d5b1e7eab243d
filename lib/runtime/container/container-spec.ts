import { expandVariables } from '../../schema/env-expansion.ts';
import { quantityToBytes, quantityToMillis } from '../../schema/quantity.ts';
import type { Container, VolumeMount } from '../../schema/types.gen.ts';
import { type ContainerSpec, containerIdOf, type Mount } from '../driver.ts';
import { type Resolved, resolved, unresolved } from '../references.ts';
import { isConfined } from '../volume/confined-path.ts';
import { type EnvironmentInput, environmentOf } from './environment.ts';

/** What the driver is to start: everything resolved and expanded; or why it cannot be. */
export function containerSpecOf(input: EnvironmentInput, attempt: number): Resolved<ContainerSpec> {
  const { pod, container } = input;
  const env = environmentOf(input);
  if (!env.ok) return env;
  const variables = env.value;
  const expand = (text: string): string => expandVariables(text, variables);
  const mounts = mountsOf(container.volumeMounts ?? [], expand);
  if (!mounts.ok) return mounts;
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? null;
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (nonRoot === true && user === 0) {
    return unresolved('The container has runAsNonRoot, and its runAsUser is 0.');
  }
  const podUid = pod.metadata.uid ?? '';
  const { cpu, memory } = container.resources?.limits ?? {};
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
    user,
    group: container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup ?? null,
    cpuLimitMillis: cpu === undefined ? null : quantityToMillis(cpu),
    memoryLimitBytes: memory === undefined ? null : quantityToBytes(memory),
  });
}

function mountsOf(
  mounts: readonly VolumeMount[],
  expand: (text: string) => string,
): Resolved<readonly Mount[]> {
  const found: Mount[] = [];
  for (const mount of mounts) {
    const { subPathExpr } = mount;
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
