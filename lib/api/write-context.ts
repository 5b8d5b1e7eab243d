import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import type { PodSpec } from '../schema/types.gen.ts';
import type { Caller } from './client.ts';
import type { Staging } from './staging.ts';

export type ApiSettings = {
  /** Cluster addresses come from here, e.g. `127.96.0.0/16`. The first one is default/kubernetes. */
  readonly serviceRange: string;
  /** Both ends included. Kubernetes: 30000 to 32767. */
  readonly nodePortRange: { readonly from: number; readonly to: number };
  /** The machine's owner lets pods reach the machine (hostPath, host namespaces, privileged). */
  readonly allowHostAccess: boolean;
  /** PEM, for pods to know the API by. Unset: no API is served, and no token issued. */
  readonly rootCertificate?: string;
  /** What of a pod will not be honoured by what runs pods here, in sentences. Unset: nobody knows. */
  readonly notHonoured?: (spec: PodSpec) => readonly string[];
};

/** Everything one write may look at and use. Writes are decided in one turn: nothing changes underneath them. */
export type WriteContext = {
  readonly schema: Schema;
  readonly settings: ApiSettings;
  readonly random: Random;
  readonly now: EpochMs;
  readonly caller: Caller;
  readonly staging: Staging;
  /** Pods there are before this write. */
  readonly pods: number;
};

/** An object about to be kept. `previous` is what it replaces (undefined: it is new). */
export type Admission = {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
};

/** One link of the chain: gives the object back, changed or not, or throws ApiError. */
export type Admit = (context: WriteContext, admission: Admission) => KubeObject;
