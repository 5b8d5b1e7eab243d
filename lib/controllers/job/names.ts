/** What a Job writes on its pods. Source: batch/v1 types.go. */
export const podNames = {
  /** Label and annotation of a pod of an indexed Job. */
  index: 'batch.kubernetes.io/job-completion-index',
  /** How often its index failed before, where indexes have back-off limits of their own. */
  indexFailures: 'batch.kubernetes.io/job-index-failure-count',
  /** How often it failed and a rule said not to count it: it still backs off. */
  indexIgnored: 'batch.kubernetes.io/job-index-ignored-failure-count',
  /** Label by which a pod that lost its owner still says which Job it was of. */
  jobName: 'batch.kubernetes.io/job-name',
  /**
   * Ours: the Job itself took the pod away (it was one too many, or the Job was suspended). It is no failure, and nothing backs
   * off because of it.
   */
  takenAway: 'controllers.pintle.dev/taken-away',
} as const;

/** On a pod of a Job until it has been counted. Source: batch/v1 JobTrackingFinalizer. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

/** Container environment of an indexed Job. */
export const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
