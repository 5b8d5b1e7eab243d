import type { ContainerUsage, PodUsage } from '../../api/node-agent.ts';
import type { DurationMs, EpochMs } from '../../base/clock.ts';

/** What one pod used of something, in thousandths of its unit (of a core, of a byte). */
export type Sample = { readonly milli: number; readonly atMs: EpochMs; readonly windowMs: DurationMs };
/** By pod name, of one namespace. */
export type Samples = ReadonlyMap<string, Sample>;

const MILLI_OF: Readonly<Record<string, (usage: ContainerUsage) => number>> = {
  cpu: ({ cpuMillis }) => cpuMillis,
  memory: ({ memoryBytes }) => memoryBytes * 1000,
};

/**
 * What the pods of a namespace used of a resource: all containers of a pod together, or one of them. A pod whose use is not known
 * is left out. null: nobody measures that resource.
 */
export function resourceSamples(
  usages: readonly PodUsage[],
  of: { readonly namespace: string; readonly resource: string; readonly container: string | null },
): Samples | null {
  const milliOf = Object.hasOwn(MILLI_OF, of.resource) ? MILLI_OF[of.resource] : undefined;
  if (milliOf === undefined) return null;
  const samples = new Map<string, Sample>();
  for (const { namespace, pod, containers, atMs, windowMs } of usages) {
    const counted = containers.filter(({ name }) => of.container === null || name === of.container);
    if (namespace !== of.namespace || counted.length === 0) continue;
    samples.set(pod, { milli: counted.reduce((sum, usage) => sum + milliOf(usage), 0), atMs, windowMs });
  }
  return samples;
}
