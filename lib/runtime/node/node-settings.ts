import type { NodeUsage } from '../../api/node-agent.ts';
import type { NodeAbility } from './node-ability.ts';

/** Source: kubelet, clusterDomain. */
export const CLUSTER_DOMAIN = 'cluster.local';

/** Where pods look up names. */
export type NodeDns = {
  /** The addresses of the cluster's own name server; none: pods use the machine's. */
  readonly servers: readonly string[];
  readonly clusterDomain: string;
  /** The machine's resolv.conf as it is now; '' when it has none. */
  readonly hostResolvConf: () => string;
};

/** What a node says of itself. */
export type NodeSettings = {
  /** The address pods see the machine at. */
  readonly hostIP: string;
  readonly hostname: string;
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** Pods it takes at most; unset: limits.podsPerNodeMax. */
  readonly podsMax?: number;
  /** Where the addresses of its pods lie; unset: nothing is said of that. */
  readonly podCIDR?: string | undefined;
  /** What its pods together can have, where that was declared. Unset, null: what there is. */
  readonly cpuLimitMillis?: number | null;
  readonly memoryLimitBytes?: number | null;
  /** The Node object is somebody else's to create, and to remove. Unset: it is made where it is not there. */
  readonly isDeclared?: boolean;
  /** Unset: a node that is made up uses what its pods use. */
  readonly usage?: () => NodeUsage;
  /** Unset: pods that have files of their own get no resolv.conf from here. */
  readonly dns?: NodeDns;
  /** What pods can have here, beside what every node has. Unset: nothing is told. */
  readonly abilities?: () => readonly NodeAbility[];
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
