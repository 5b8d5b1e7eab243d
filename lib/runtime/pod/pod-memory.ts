import type { EpochMs } from '../../base/clock.ts';
import type { ContainerId, ImageVerdict } from '../driver.ts';
import type { HeldToken } from '../volume/pod-tokens.ts';
import type { Eviction, PodMemory, StartFailure, StopProgress, VolumesState } from './pod-state.ts';
import type { Backoff } from './restart-backoff.ts';

/** The daemon's memory of one pod, as its worker writes it; PodMemory is how deciding reads it. */
export type WorkingMemory = PodMemory & {
  readonly stops: Map<ContainerId, StopProgress>;
  readonly postStart: Map<ContainerId, 'running' | 'done' | 'failed'>;
  readonly startFailures: Map<string, StartFailure>;
  readonly backoffs: Map<string, Backoff>;
  readonly imageBackoffs: Map<string, Backoff>;
  readonly messages: Map<ContainerId, string>;
  readonly images: Map<ContainerId, { readonly image: string; readonly imageId: string }>;
  limitations: readonly string[];
  pulling: string | null;
  eviction: Eviction | null;
  /** By container name: what came of pulling an image, until its container is started. Throws what the driver threw. */
  readonly pulled: Map<string, { readonly image: string; readonly outcome: () => ImageVerdict }>;
  volumes: VolumesState;
  /** What each volume was last filled with, as a digest. */
  readonly volumeDigests: Map<string, string>;
  /** Tokens in its volumes, by what they were asked for. */
  readonly tokens: Map<string, HeldToken>;
};

export function workingMemory(): WorkingMemory {
  return {
    stops: new Map(),
    postStart: new Map(),
    startFailures: new Map(),
    backoffs: new Map(),
    imageBackoffs: new Map(),
    messages: new Map(),
    images: new Map(),
    limitations: [],
    pulling: null,
    eviction: null,
    pulled: new Map(),
    volumes: { phase: 'unprepared' },
    volumeDigests: new Map(),
    tokens: new Map(),
  };
}

/** Adds what is not honoured, each once. */
export function addLimitations(memory: WorkingMemory, limitations: readonly string[]): void {
  const fresh = limitations.filter((text) => !memory.limitations.includes(text));
  if (fresh.length > 0) memory.limitations = [...memory.limitations, ...fresh];
}

/** Forgets runs the driver no longer has. */
export function forgetRuns(memory: WorkingMemory, held: ReadonlySet<ContainerId>): void {
  for (const map of [memory.stops, memory.postStart, memory.messages, memory.images]) {
    for (const id of map.keys()) if (!held.has(id)) map.delete(id);
  }
}

/** Something the configuration refers to changed: what failed for it is tried again now. */
export function retryConfiguration(memory: WorkingMemory, now: EpochMs): void {
  for (const [name, failure] of memory.startFailures) {
    if (failure.reason !== 'CreateContainerConfigError') continue;
    memory.startFailures.set(name, { ...failure, retryAtMs: now });
  }
  if (memory.volumes.phase === 'failed') memory.volumes = { ...memory.volumes, retryAtMs: now };
}
