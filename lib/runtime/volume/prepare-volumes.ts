import { createHash } from 'node:crypto';
import { timings } from '../../base/limits.ts';
import type { Pod, Volume } from '../../schema/types.gen.ts';
import type { Sandbox, VolumeContent } from '../driver.ts';
import { addLimitations, type WorkingMemory } from '../pod/pod-memory.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { podTokens } from './pod-tokens.ts';
import { type VolumeVerdict, volumeContent } from './volume-content.ts';

type Task = {
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly memory: WorkingMemory;
  readonly edge: RuntimeEdge;
};

/** Fills every volume of the pod, or remembers which one could not be filled and when to try again. */
export async function prepareVolumes(task: Task): Promise<void> {
  const { pod, memory, edge } = task;
  for (const volume of pod.spec.volumes ?? []) {
    const verdict = verdictOf(volume, task);
    if (verdict.is !== 'content') {
      const message = `MountVolume.SetUp failed for volume "${volume.name}": ${verdict.message}`;
      const reason = verdict.is === 'unsupported' ? 'CreateContainerConfigError' : 'ContainerCreating';
      const retryAtMs = edge.clock.now() + timings.configRetryMs;
      memory.volumes = { phase: 'failed', reason, message, retryAtMs };
      edge.events.record(pod, { type: 'Warning', reason: 'FailedMount', message });
      return;
    }
    await write(volume.name, verdict, task);
  }
  memory.volumes = { phase: 'ready' };
}

/**
 * Brings volumes that hold ConfigMaps, Secrets and tokens up to date. One whose source is gone keeps what it had, as in Kubernetes.
 * emptyDir and hostPath are never touched again.
 */
export async function refreshVolumes(task: Task): Promise<void> {
  for (const volume of task.pod.spec.volumes ?? []) {
    const verdict = verdictOf(volume, task);
    if (verdict.is === 'content' && verdict.content.kind === 'files') await write(volume.name, verdict, task);
  }
}

function verdictOf(volume: Volume, { pod, sandbox, memory, edge }: Task): VolumeVerdict {
  const { hostIP, nodeName, allocatable, references, issueToken: issue, clock } = edge;
  const facts = { podIP: sandbox.podIP, hostIP, nodeName, allocatable };
  const now = clock.now();
  const tokenFor = issue && podTokens({ pod, references, issue, held: memory.tokens, now });
  return volumeContent(volume, { pod, facts, references, ...(tokenFor && { tokenFor }) });
}

async function write(
  name: string,
  verdict: Extract<VolumeVerdict, { readonly is: 'content' }>,
  { pod, memory, edge }: Task,
): Promise<void> {
  addLimitations(memory, verdict.limitations);
  const digest = digestOf(verdict.content);
  if (memory.volumeDigests.get(name) === digest) return;
  await edge.driver.writeVolume(pod.metadata.uid ?? '', name, verdict.content);
  memory.volumeDigests.set(name, digest);
}

/** Secret bytes are kept as a digest only. */
function digestOf(content: VolumeContent): string {
  const hash = createHash('sha256');
  if (content.kind !== 'files') return hash.update(JSON.stringify(content)).digest('base64');
  for (const { path, mode, bytes } of content.files) {
    hash.update(`${JSON.stringify(path)} ${mode} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('base64');
}
