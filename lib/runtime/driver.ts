import type { Readable, Writable } from 'node:stream';
import type { ExecSession, LogOptions } from '../api/node-agent.ts';
import type { EpochMs } from '../base/clock.ts';
import type { QosClass } from '../schema/qos.ts';
import type { ContainerResources, ContainerSecurity } from './container-security.ts';
import type { DiskUsage } from './pod/disk-limits.ts';

/** `<podUid>.<container>.<attempt>`: the same run has the same id, so starting is idempotent. */
export type ContainerId = string;

export function containerIdOf(podUid: string, container: string, attempt: number): ContainerId {
  return `${podUid}.${container}.${attempt}`;
}

export type SandboxSpec = {
  readonly podUid: string;
  /** Unset: the machine is one node. */
  readonly node?: SandboxNode;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  /** Container ports that want a listening address. */
  readonly ports: readonly { readonly port: number; readonly protocol: 'TCP' | 'UDP' | 'SCTP' }[];
  /** The pod's own: the simulated driver reads its behaviour there. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Unset where the driver is not told of the pod's place in the machine; what is unset is as Kubernetes' defaults have it. */
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly shareProcessNamespace?: boolean;
  /** `a.b` and `a/b` are the same; whether they are safe is for the driver to say. */
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  /** The group that volumes belong to; `OnRootMismatch`: only those whose top does not belong to it yet. */
  readonly fsGroup?: number;
  readonly fsGroupChangePolicy?: 'Always' | 'OnRootMismatch';
  readonly hostPorts?: readonly HostPort[];
  /** The whole text of /etc/resolv.conf; unset: the machine's. */
  readonly resolvConf?: string;
  /** What /etc/hosts says beside the pod's address, which only the driver knows. */
  readonly hosts?: PodHosts;
  readonly qosClass?: QosClass;
  /** All containers together: what the pod's own cgroup holds. A limit only where every container has one. */
  readonly resources?: ContainerResources;
  readonly terminationGraceMs?: number;
};

/** The node a pod belongs to, where the driver holds those of several. */
export type SandboxNode = {
  readonly name: string;
  /** Where in the driver's range of addresses the pod's is to lie, `127.97.1.0/24`. Unset: anywhere. */
  readonly podCIDR?: string | undefined;
  /** Of all pods of the node together. null: as much as there is. */
  readonly cpuLimitMillis: number | null;
  readonly memoryLimitBytes: number | null;
};

export type HostPort = {
  /** null: all addresses of the machine. */
  readonly hostIP: string | null;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
};

export type PodHosts = {
  readonly hostname: string;
  /** `<hostname>.<subdomain>.<namespace>.svc.<cluster domain>` of a pod that has a subdomain. */
  readonly fqdn: string | null;
  readonly aliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
};

export type Sandbox = {
  readonly podUid: string;
  /** As it was asked for; unset: of none. */
  readonly nodeName?: string;
  readonly podIP: string;
  /** Where a container port really listens; identity unless the driver shares one network (`process`). */
  readonly ports: ReadonlyMap<number, number>;
  /** Whose all its processes are, and nobody else's; unset where the network is its own, or users are shared. */
  readonly user?: number;
  /** What the driver cannot honour in this sandbox, for a pod condition; empty when all is honoured. */
  readonly limitations: readonly string[];
};

/** Content of one volume of a pod. Paths are relative, confined, checked by the caller. */
export type VolumeContent =
  | { readonly kind: 'empty'; readonly memory: boolean; readonly sizeLimitBytes: number | null }
  | {
      readonly kind: 'files';
      readonly secret: boolean;
      readonly files: readonly { readonly path: string; readonly bytes: Uint8Array; readonly mode: number }[];
    }
  | { readonly kind: 'host-path'; readonly path: string; readonly type: string }
  /** A directory that outlives the pod, by its handle; made when it is first wanted. */
  | { readonly kind: 'claim'; readonly handle: string };

export type Mount = {
  readonly volume: string;
  readonly mountPath: string;
  /** Expanded, confined. */
  readonly subPath?: string;
  readonly readOnly: boolean;
  /** Whether what is mounted below it is read-only as well. Unset: no. */
  readonly recursiveReadOnly?: 'Enabled' | 'IfPossible';
  /** Unset: none. */
  readonly propagation?: 'HostToContainer' | 'Bidirectional';
};

export type ContainerSpec = {
  readonly id: ContainerId;
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
  readonly image: string;
  /** argv, expanded. Empty: the image's own. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly workingDir: string | null;
  readonly mounts: readonly Mount[];
  readonly stdin: boolean;
  /** Its stdin ends with the first client that was attached. Unset: it stays open. */
  readonly stdinOnce?: boolean;
  readonly tty: boolean;
  readonly user: number | null;
  readonly group: number | null;
  /** null: no limit. */
  readonly cpuLimitMillis: number | null;
  readonly memoryLimitBytes: number | null;
  readonly security?: ContainerSecurity;
  readonly resources?: ContainerResources;
  /** -1000 to 1000; which program goes first when memory ends. */
  readonly oomScoreAdj?: number;
  /** Where the program leaves its last words. Unset: /dev/termination-log. */
  readonly terminationMessagePath?: string;
  /** The names of volumes it wants as block devices. */
  readonly volumeDevices?: readonly string[];
  /** The container whose processes an ephemeral one sees. */
  readonly targetContainer?: string;
};

export type ContainerState =
  | { readonly phase: 'running'; readonly pid: number; readonly startedAtMs: EpochMs }
  | {
      readonly phase: 'exited';
      /** null: it ended while nobody watched, and its keeper was gone too. */
      readonly exitCode: number | null;
      readonly signal: number | null;
      readonly startedAtMs: EpochMs;
      readonly finishedAtMs: EpochMs;
      readonly oomKilled: boolean;
    }
  /** The program could not be started (no such file, no permission): `message` says why. */
  | { readonly phase: 'failed'; readonly message: string; readonly atMs: EpochMs };

export type ContainerRecord = {
  readonly id: ContainerId;
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
  readonly state: ContainerState;
};

export type ImageVerdict =
  | {
      readonly ok: true;
      readonly imageId: string;
      /** What pulling it took; null: it was there. Unset: of drivers that have no images. */
      readonly pulled?: { readonly durationMs: number; readonly sizeBytes: number } | null;
    }
  /** `reason` as in pod status: ErrImagePull, ErrImageNeverPull, InvalidImageName. */
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** The texts of docker configurations that the pod's imagePullSecrets hold, in their order: `{"auths": …}`. */
export type PullOptions = { readonly dockerConfigs: readonly string[] };

/** `failed`: the program could not be started, and a record says so. `refused`: nothing was tried and there is no record. */
export type StartOutcome = {
  readonly limitations: readonly string[];
  readonly failed?: string;
  readonly refused?: StartRefusal;
};

export const startRefusals = ['CreateContainerConfigError', 'CreateContainerError'] as const;
export type StartRefusal = {
  /** A waiting reason: ConfigError for what the spec asks and cannot have, Error for what the machine could not do. */
  readonly reason: (typeof startRefusals)[number];
  readonly message: string;
};

export type ExecRequest = {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** Output beyond this is dropped. */
  readonly outputBytesMax: number;
};
export type ExecResult = {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly output: string;
};

export type DriverUsage = {
  readonly podUid: string;
  readonly container: string;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly atMs: EpochMs;
  readonly windowMs: number;
};

/**
 * Port: what holds containers. Everything is idempotent by pod uid or container id, so that a caller that died may repeat
 * its last call. Containers outlive the caller; `close` leaves them running. World failures: WorldError AGENT_DOWN | DRIVER_FAILED.
 */
export interface PodDriver {
  readonly name: 'process' | 'linux' | 'simulated';
  /** Connects (starting the agent where there is none) and adopts what runs. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Ends every container and the agent itself (`pintle down`). */
  shutDown(): Promise<void>;
  /** Everything known: running, and exited but not yet removed. */
  list(): Promise<readonly ContainerRecord[]>;
  /** The sandboxes that exist. */
  sandboxes(): Promise<readonly Sandbox[]>;
  /** Calls `listener` when a container of the pod changed state (late or doubled calls are allowed). */
  onChange(listener: (podUid: string) => void): { close(): void };
  image(image: string, pullPolicy: string, options?: PullOptions): Promise<ImageVerdict>;
  /** A WorldError's message is told as the reason why the pod has no sandbox; SYSCTL_FORBIDDEN: it never can have one. */
  createSandbox(spec: SandboxSpec): Promise<Sandbox>;
  /** Creates or atomically replaces a volume's content. */
  writeVolume(podUid: string, volume: string, content: VolumeContent): Promise<void>;
  /**
   * Resolves once the program was started or has failed to (`failed`: why, where the driver knows at once). What could not be
   * honoured is returned.
   */
  startContainer(spec: ContainerSpec): Promise<StartOutcome>;
  signal(
    id: ContainerId,
    signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGQUIT',
  ): Promise<void>;
  /** Forgets an exited container: its record, logs and root. A running one is killed first. */
  removeContainer(id: ContainerId): Promise<void>;
  /** Removes the sandbox, its containers, volumes and addresses. */
  removeSandbox(podUid: string): Promise<void>;
  /**
   * Holds still all that runs of the pod, or lets it go on; may be repeated. Outlives the caller and the driver. Unset: its containers
   * answer nobody anyway.
   */
  setFrozen?(podUid: string, frozen: boolean): Promise<void>;
  /** Deletes the directory of a claim's volume; nothing where there is none. */
  removeVolumeData(handle: string): Promise<void>;
  exec(id: ContainerId, request: ExecRequest): Promise<ExecResult>;
  /** Only where there is no network to probe over: whether a probe of this kind passes now. */
  probe?(id: ContainerId, kind: 'startup' | 'liveness' | 'readiness'): Promise<boolean>;
  execStream(
    id: ContainerId,
    options: {
      readonly command: readonly string[];
      readonly stdin?: Readable;
      readonly stdout?: Writable;
      readonly stderr?: Writable;
      readonly tty?: boolean;
    },
  ): Promise<ExecSession>;
  attach(
    id: ContainerId,
    options: {
      readonly stdin?: Readable;
      readonly stdout?: Writable;
      readonly stderr?: Writable;
      readonly tty?: boolean;
    },
  ): Promise<ExecSession>;
  logs(id: ContainerId, options: LogOptions): AsyncIterable<Uint8Array>;
  /** Content of the termination message file, '' when there is none. */
  terminationMessage(id: ContainerId, path: string, bytesMax: number): Promise<string>;
  stats(): Promise<readonly DriverUsage[]>;
  /** What a pod has on the disk, `volumes` of its empty ones among it. Rejects where it cannot be counted in time. Unset: nothing is on a disk. */
  diskUsage?(podUid: string, volumes: readonly string[]): Promise<DiskUsage>;
}
