import { isPodActive, isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import { podNames, TRACKING_FINALIZER } from './names.ts';

export type Outcome = 'succeeded' | 'failed';
export type Finished = { readonly pod: Pod; readonly outcome: Outcome };

/** A Job's pods by what they mean to it. */
export type PodsOfJob = {
  readonly active: readonly Pod[];
  /** Asked to go, and not gone yet. */
  readonly terminating: readonly Pod[];
  /** Ended, whether counted or not. Those that the Job took away itself are not among them. */
  readonly finished: readonly Finished[];
  /** Of these, those that the status does not count yet: they still have the finalizer. */
  readonly uncounted: readonly Finished[];
};

export function podsOfJob(job: Job, pods: readonly Pod[]): PodsOfJob {
  const finished = pods.flatMap((pod): readonly Finished[] => {
    const outcome = outcomeOf(job, pod);
    return outcome === null || pod.metadata.annotations?.[podNames.takenAway] !== undefined
      ? []
      : [{ pod, outcome }];
  });
  return {
    active: pods.filter(isPodActive),
    terminating: pods.filter(isTerminating),
    finished,
    uncounted: finished.filter(({ pod }) => isTracked(pod)),
  };
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** Whether a pod is replaced only once it has ended, and not as soon as it is asked to go. Source: upstream onlyReplaceFailedPods. */
export function replacesOnlyEnded({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

/** A pod that goes and did not succeed has failed: at once or, where only ended ones are replaced, once its node let it go. */
function outcomeOf(job: Job, pod: Pod): Outcome | null {
  if (pod.status?.phase === 'Succeeded') return 'succeeded';
  if (pod.status?.phase === 'Failed' || isLetGo(pod)) return 'failed';
  if (replacesOnlyEnded(job)) return null;
  return pod.metadata.deletionTimestamp === undefined ? null : 'failed';
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod) && !isLetGo(pod);
}

/** No grace is left: its node is done with it, or it never had one. Only finalizers hold it. */
function isLetGo({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
