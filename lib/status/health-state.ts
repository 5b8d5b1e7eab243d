import type { EpochMs } from '../base/clock.ts';
import type { KubeObject } from '../schema/object.ts';

/** From best to worst: the worst of many decides for all. */
export const healthStates = [
  'Healthy',
  'Suspended',
  'Progressing',
  'Missing',
  'Unknown',
  'Degraded',
] as const;
export type HealthState = (typeof healthStates)[number];

/** `reason` is a CamelCase code, as in Kubernetes' conditions; '' when there is nothing to say. */
export type Health = { readonly state: HealthState; readonly reason: string; readonly message: string };

export const healthy: Health = { state: 'Healthy', reason: '', message: '' };

export function progressing(reason: string, message: string): Health {
  return { state: 'Progressing', reason, message };
}

export function degraded(reason: string, message: string): Health {
  return { state: 'Degraded', reason, message };
}

export type HealthContext = {
  readonly now: EpochMs;
  /** The pods of a workload (its own, by controller), for saying why it is not ready. */
  readonly podsOf: (object: KubeObject) => readonly KubeObject[];
  /** Whether a Service has an address that is ready. */
  readonly readyEndpoints: (service: KubeObject) => number;
  /** Whether anything in Pintle acts on the kind. */
  readonly runs: (object: KubeObject) => boolean;
  /** Whether the class of a claim gives it a volume only once a pod uses it; unset: nobody knows, and none does. */
  readonly waitsForConsumer?: (claim: KubeObject) => boolean;
  /** Whether a CustomResourceDefinition brought the kind; unset: none did. */
  readonly custom?: (object: KubeObject) => boolean;
};

/** The worst of many; Healthy when there is none. */
export function worst(states: readonly HealthState[]): HealthState {
  return states.reduce<HealthState>(
    (most, state) => (healthStates.indexOf(state) > healthStates.indexOf(most) ? state : most),
    'Healthy',
  );
}
