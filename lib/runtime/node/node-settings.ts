import type { NodeUsage } from '../../api/node-agent.ts';

/** What a node says of itself. */
export type NodeSettings = {
  /** The address pods see the machine at. */
  readonly hostIP: string;
  readonly hostname: string;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** Pods it takes at most; unset: limits.podsPerNodeMax. */
  readonly podsMax?: number;
  /** Unset: a node that is made up uses what its pods use. */
  readonly usage?: () => NodeUsage;
  readonly labels?: Readonly<Record<string, string>>;
  readonly machine: {
    /** As Kubernetes names it: amd64, arm64. */
    readonly architecture: string;
    readonly kernelVersion: string;
    readonly osImage: string;
    readonly machineId: string;
    readonly bootId: string;
    /** Pintle's own. */
    readonly version: string;
  };
};
