import type { Duplex, Readable, Writable } from 'node:stream';
import type { EpochMs } from '../base/clock.ts';

export type ContainerTarget = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
};

export type LogOptions = {
  readonly follow?: boolean;
  /** The run before the current one. */
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceMs?: EpochMs;
  readonly limitBytes?: number;
};

export type ExecOptions = {
  readonly command: readonly string[];
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly tty?: boolean;
};

export type ExecSession = {
  /** Resolves with the exit code, 128 and its number where a signal ended it; null when the session was cut off. */
  readonly exited: Promise<number | null>;
  resize(size: { readonly columns: number; readonly rows: number }): void;
  kill(): void;
};

export type ContainerUsage = {
  readonly name: string;
  /** Thousandths of a core, averaged over `windowMs`. */
  readonly cpuMillis: number;
  readonly memoryBytes: number;
};

export type PodUsage = {
  readonly namespace: string;
  readonly pod: string;
  readonly atMs: EpochMs;
  readonly windowMs: number;
  readonly containers: readonly ContainerUsage[];
};

/** What a pod says of itself at its metrics endpoint. */
export type PodMetric = {
  readonly namespace: string;
  readonly pod: string;
  /** A gauge's own name; of a counter, its rate: `requests_per_second` of `requests_total`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was last told. */
  readonly atMs: EpochMs;
  /** What a rate was taken over; 0 of a gauge. */
  readonly windowMs: number;
};

/** Of the machine, pods or not. */
export type NodeUsage = {
  readonly atMs: EpochMs;
  readonly windowMs: number;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
};

/** Port: what runs the pods of one node. Addressed by node: see NodeAgents. */
export interface NodeAgent {
  readonly nodeName: string;
  /** Takes up the node's pods (adopting those that run already) and keeps them as the API says until `stop`. */
  run(): Promise<void>;
  /** Stops tending; pods run on. */
  stop(): Promise<void>;
  /**
   * Ends every pod of the node as deleting it would: preStop, stop signal, its own grace period or `graceMaxMs` if that is less.
   * The API is not told: they are to run again. Resolves when nothing runs, at the latest soon after the longest grace is over.
   */
  endPods(options: { readonly graceMaxMs: number | null }): Promise<void>;
  /** Throws ApiError NotFound or BadRequest as the kubelet would. */
  logs(target: ContainerTarget, options: LogOptions): AsyncIterable<Uint8Array>;
  exec(target: ContainerTarget, options: ExecOptions): Promise<ExecSession>;
  attach(target: ContainerTarget, options: Omit<ExecOptions, 'command'>): Promise<ExecSession>;
  /** A connection to a port of the pod. */
  forward(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex>;
  /** Deletes what a claim's volume holds on this node, by its handle; nothing where there is none of it. */
  removeVolumeData(handle: string): Promise<void>;
  stats(): Promise<readonly PodUsage[]>;
  /** What the node's pods said lately of this metric, or of all; unset: nobody asks them. */
  podMetrics?(name?: string): readonly PodMetric[];
  /** What the whole node uses; null where its pods are all there is of it. */
  nodeUsage(): NodeUsage | null;
}

/** The agents by node name. */
export interface NodeAgents {
  agent(nodeName: string): NodeAgent | undefined;
  all(): readonly NodeAgent[];
}
