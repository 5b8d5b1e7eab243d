import type { Caller, Client } from '../api/client.ts';
import type { EventRecorder } from '../api/event-recorder.ts';
import type { IssueToken } from '../api/pod-access.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { PodDriver } from './driver.ts';
import type { DriverView } from './driver-view.ts';
import type { NodeDns } from './node/node-settings.ts';
import type { PodWriter } from './pod-writer.ts';
import type { References } from './references.ts';

/** What doing needs, in one hand: the ports, and what this node is. */
export type RuntimeEdge = {
  readonly nodeName: string;
  readonly hostIP: string;
  readonly allocatable: { readonly cpu: string; readonly memory: string };
  readonly client: Client;
  readonly caller: Caller;
  readonly driver: PodDriver;
  readonly view: DriverView;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly references: References;
  /** Unset: no API is served, and no token issued. */
  readonly issueToken?: IssueToken;
  readonly dns?: NodeDns;
  /** Who writes what is to be known of a pod that the API does not have as it runs: a static one. Unset: there are none. */
  readonly writerOf?: (podUid: string) => PodWriter | undefined;
  /** Of the machine: what a burstable container's share of it is measured by. Unset: what is allocatable. */
  readonly memoryCapacityBytes?: number;
};
