import test from 'ava';
import { minuteMs, toRfc3339 } from '../../base/clock.ts';
import { conditionOf } from '../../schema/conditions.ts';
import type { DeploymentCondition, DeploymentStatus } from '../../schema/types.gen.ts';
import { type ProgressInput, progress } from './progressing.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const stuck: DeploymentStatus = {
  replicas: 5,
  updatedReplicas: 2,
  readyReplicas: 3,
  availableReplicas: 3,
  observedGeneration: 1,
};
const complete: DeploymentStatus = {
  replicas: 4,
  updatedReplicas: 4,
  readyReplicas: 4,
  availableReplicas: 4,
  observedGeneration: 1,
};
const progressingSince = (ageMs: number, reason = 'ReplicaSetUpdated'): DeploymentCondition => ({
  type: 'Progressing',
  status: 'True',
  reason,
  lastUpdateTime: toRfc3339(NOW - ageMs),
  lastTransitionTime: toRfc3339(NOW - ageMs),
});

type Row = {
  readonly title: string;
  readonly before?: DeploymentCondition;
  readonly input?: Partial<ProgressInput>;
  readonly paused?: boolean;
  readonly reason: string | undefined;
  /** Minutes from now. */
  readonly deadlineIn?: number | null;
};
const rows: readonly Row[] = [
  {
    title: 'stuck within its deadline: it waits for the rest of it',
    before: progressingSince(4 * minuteMs),
    reason: 'ReplicaSetUpdated',
    deadlineIn: 6,
  },
  {
    title: 'stuck past its deadline: it has failed',
    before: progressingSince(11 * minuteMs),
    reason: 'ProgressDeadlineExceeded',
    deadlineIn: null,
  },
  {
    title: 'stuck past its deadline while nobody watched: it gets its whole time',
    before: progressingSince(600 * minuteMs),
    input: { watchingSinceMs: NOW - 2 * minuteMs },
    reason: 'ReplicaSetUpdated',
    deadlineIn: 8,
  },
  {
    title: 'stuck past its deadline after being watched for as long: it has failed',
    before: progressingSince(600 * minuteMs),
    input: { watchingSinceMs: NOW - 11 * minuteMs },
    reason: 'ProgressDeadlineExceeded',
  },
  {
    title: 'paused: the clock is off',
    before: progressingSince(600 * minuteMs),
    paused: true,
    reason: 'DeploymentPaused',
    deadlineIn: null,
  },
  {
    title: 'resumed: the clock starts anew',
    before: progressingSince(600 * minuteMs, 'DeploymentPaused'),
    reason: 'DeploymentResumed',
    deadlineIn: 10,
  },
  {
    title: 'more pods of the new version: progress, and the clock starts anew',
    before: progressingSince(9 * minuteMs),
    input: { before: { ...stuck, updatedReplicas: 1 } },
    reason: 'ReplicaSetUpdated',
    deadlineIn: 10,
  },
  {
    title: 'complete: it is available, however late',
    before: progressingSince(600 * minuteMs),
    input: { after: complete },
    reason: 'NewReplicaSetAvailable',
    deadlineIn: null,
  },
  {
    title: 'going back after a failure begins a new clock',
    before: { ...progressingSince(minuteMs, 'ProgressDeadlineExceeded'), status: 'False' },
    input: { rollout: { is: 'found', name: 'web-a' } },
    reason: 'FoundNewReplicaSet',
    deadlineIn: 10,
  },
  {
    title: 'a failure stays one while nothing moves',
    before: { ...progressingSince(minuteMs, 'ProgressDeadlineExceeded'), status: 'False' },
    reason: 'ProgressDeadlineExceeded',
  },
  {
    title: 'no deadline: no condition',
    before: progressingSince(minuteMs),
    input: { deadlineSeconds: undefined },
    reason: undefined,
  },
];
for (const { title, before, input, paused = false, reason, deadlineIn } of rows) {
  test(`progress: ${title}`, (t) => {
    const result = progress(
      before === undefined ? [] : [before],
      {
        spec: { replicas: 4, generation: 1, paused },
        deadlineSeconds: 600,
        before: stuck,
        after: stuck,
        rollout: { is: 'going-on', name: 'web-a' },
        watchingSinceMs: 0,
        ...input,
      },
      NOW,
    );
    t.is(conditionOf(result.conditions, 'Progressing')?.reason, reason);
    if (deadlineIn === undefined) return;
    t.is(result.deadlineAtMs, deadlineIn === null ? null : NOW + deadlineIn * minuteMs + 1);
  });
}
