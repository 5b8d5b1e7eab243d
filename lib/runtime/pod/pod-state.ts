import type { EpochMs } from '../../base/clock.ts';
import type { Pod, PodStatus } from '../../schema/types.gen.ts';
import type { ContainerId, ContainerRecord, Sandbox } from '../driver.ts';
import type { Backoff } from './restart-backoff.ts';

export const probeKinds = ['startup', 'liveness', 'readiness'] as const;
export type ProbeKind = (typeof probeKinds)[number];
export type ProbeResult = 'success' | 'failure' | 'unknown';
/** What the probes of each run have published so far. */
export type ProbeResults = ReadonlyMap<ContainerId, Readonly<Partial<Record<ProbeKind, ProbeResult>>>>;

export const stopReasons = [
  'deleted',
  'node-ends',
  'deadline',
  'evicted',
  'finished',
  'liveness',
  'startup',
  'post-start',
  'image-changed',
] as const;
/** Why a running container is stopped. */
export type StopReason = (typeof stopReasons)[number];

/** How far stopping one run has come. */
export type StopProgress = {
  readonly reason: StopReason;
  readonly beganAtMs: EpochMs;
  readonly graceMs: number;
  readonly preStop: 'none' | 'running' | 'done';
  readonly termAtMs: EpochMs | null;
  readonly killedAtMs: EpochMs | null;
};

/** Why a run could not be started so far, and when it is tried again. */
export type StartFailure = {
  readonly attempt: number;
  /** As the waiting reason of a container status. */
  readonly reason: string;
  readonly message: string;
  readonly retryAtMs: EpochMs;
};

export type VolumesState =
  | { readonly phase: 'unprepared' }
  | { readonly phase: 'ready' }
  | {
      readonly phase: 'failed';
      /** A waiting reason: CreateContainerConfigError for what can never work, ContainerCreating for what is missing. */
      readonly reason: string;
      readonly message: string;
      readonly retryAtMs: EpochMs;
    };

/**
 * What the daemon remembers of a pod and nobody else does. All of it may be lost: a hook runs again, a stop begins again, a
 * back-off is rebuilt from the two latest runs.
 */
export type PodMemory = {
  readonly stops: ReadonlyMap<ContainerId, StopProgress>;
  readonly postStart: ReadonlyMap<ContainerId, 'running' | 'done' | 'failed'>;
  /** By container name. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
  readonly backoffs: ReadonlyMap<string, Backoff>;
  /** Termination messages of ended runs. */
  readonly messages: ReadonlyMap<ContainerId, string>;
  /** Image and its id as each run was started with. */
  readonly images: ReadonlyMap<ContainerId, { readonly image: string; readonly imageId: string }>;
  /** What is not honoured of this pod, beyond what its sandbox says. */
  readonly limitations: readonly string[];
  /** The container whose image is being pulled; no other is started meanwhile. Source: kubelet starts one after the other. */
  readonly pulling: string | null;
  /** Why it has to go, for good; null: it stays. */
  readonly eviction: Eviction | null;
};

export const evictionReasons = ['Evicted', 'SysctlForbidden'] as const;
/** The node does not have the pod, or not any more. */
export type Eviction = {
  /** As the pod's status has it. Evicted: it has more of the machine than it may. */
  readonly reason: (typeof evictionReasons)[number];
  readonly message: string;
  readonly atMs: EpochMs;
};

/** All pods of the node end, and are to run again when it is back. */
export type NodeEnd = {
  readonly beganAtMs: EpochMs;
  /** null: each pod's own grace period. */
  readonly graceMaxMs: number | null;
};

/** Everything one decision looks at. */
export type PodState = {
  /** With the status written last: it is the memory that survives the daemon. */
  readonly pod: Pod;
  readonly sandbox: Sandbox | null;
  /** The driver's records of this pod. */
  readonly containers: readonly ContainerRecord[];
  readonly probes: ProbeResults;
  readonly volumes: VolumesState;
  readonly memory: PodMemory;
  readonly hostIP: string;
  /** Set once the node ends its pods (`pintle down`): the longest grace any of them gets, and from when. */
  readonly nodeEnd?: NodeEnd;
};

/** One step to take. Each is idempotent, or guarded by what the next decision sees. */
export type PodAction =
  | { readonly type: 'create-sandbox' }
  | { readonly type: 'prepare-volumes' }
  | {
      readonly type: 'start';
      readonly container: string;
      readonly attempt: number;
      /** The back-off that this restart leaves; null for a first start. */
      readonly backoff: Backoff | null;
    }
  | { readonly type: 'post-start'; readonly container: string; readonly id: ContainerId }
  | {
      readonly type: 'begin-stop';
      readonly container: string;
      readonly id: ContainerId;
      readonly reason: StopReason;
      readonly graceMs: number;
    }
  | { readonly type: 'pre-stop'; readonly container: string; readonly id: ContainerId }
  | { readonly type: 'signal'; readonly id: ContainerId; readonly signal: StopSignal }
  | { readonly type: 'read-message'; readonly container: string; readonly id: ContainerId }
  | { readonly type: 'remove-container'; readonly id: ContainerId };

export const stopSignals = [
  'SIGTERM',
  'SIGKILL',
  'SIGINT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGQUIT',
] as const;
export type StopSignal = (typeof stopSignals)[number];

/** What a pod waits for. */
export type WaitingOn =
  | { readonly on: 'sandbox' }
  | { readonly on: 'volumes'; readonly untilMs: EpochMs }
  | { readonly on: 'image'; readonly container: string }
  | { readonly on: 'start'; readonly container: string; readonly reason: string; readonly untilMs: EpochMs }
  | { readonly on: 'back-off'; readonly container: string; readonly untilMs: EpochMs }
  | { readonly on: 'init'; readonly container: string }
  | { readonly on: 'stop'; readonly container: string; readonly untilMs: EpochMs }
  | { readonly on: 'deadline'; readonly untilMs: EpochMs };

export type PodDecision = {
  readonly actions: readonly PodAction[];
  readonly status: PodStatus;
  readonly waitingOn: readonly WaitingOn[];
  /** When to look again if nothing happens before; null: never. */
  readonly requeueAtMs: EpochMs | null;
  /** The pod is deleted and nothing of it runs: write the status, remove the sandbox, finish the deletion. */
  readonly gone: boolean;
};
