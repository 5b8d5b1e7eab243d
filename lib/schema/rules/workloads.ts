import type { JsonValue } from '../../base/json.ts';
import type { FieldPath } from '../finding.ts';
import { resolveIntOrPercent } from '../int-or-percent.ts';
import { nameWords } from '../name-wording.ts';
import { checkDns1123Label, checkPercent } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { DaemonSetSpec, DeploymentSpec, ReplicaSetSpec, StatefulSetSpec } from '../types.gen.ts';
import { forbiddenField, invalidValue } from '../wording.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';

/** Source: apps validation.go ValidateDeploymentSpec. */
const deployment: Rule = {
  on: typeNamed('apps/v1.DeploymentSpec'),
  check(spec: Sound<DeploymentSpec>, at) {
    checkCounts(at, spec);
    const { strategy, progressDeadlineSeconds = 600, minReadySeconds = 0 } = spec;
    checkRange(at, spec.progressDeadlineSeconds, { path: ['progressDeadlineSeconds'], min: 0 });
    if (progressDeadlineSeconds >= 0 && progressDeadlineSeconds <= minReadySeconds)
      at.error(
        'out-of-range',
        ['progressDeadlineSeconds'],
        `must be greater than minReadySeconds (${minReadySeconds})`,
        { wording: invalidValue(progressDeadlineSeconds, 'must be greater than minReadySeconds') },
      );
    if (strategy?.rollingUpdate === undefined) return;
    const path = ['strategy', 'rollingUpdate'];
    if (strategy.type === 'Recreate') {
      at.error('invalid-strategy', path, 'cannot be set where the strategy is Recreate', {
        wording: forbiddenField("may not be specified when strategy `type` is 'Recreate'"),
      });
      return;
    }
    const { maxSurge = '25%', maxUnavailable = '25%' } = strategy.rollingUpdate;
    checkAmount(at, maxSurge, { path: [...path, 'maxSurge'] });
    checkAmount(at, maxUnavailable, { path: [...path, 'maxUnavailable'], percentMax: 100 });
    if (isNone(maxSurge) && isNone(maxUnavailable))
      at.error('invalid-strategy', [...path, 'maxUnavailable'], 'cannot be 0 where maxSurge is 0 too', {
        wording: invalidValue(maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
      });
  },
};

const replicaSet: Rule = {
  on: typeNamed('apps/v1.ReplicaSetSpec'),
  check(spec: Sound<ReplicaSetSpec>, at) {
    checkCounts(at, spec);
  },
};

const replicationController: Rule = { ...replicaSet, on: typeNamed('core/v1.ReplicationControllerSpec') };

/** Source: apps validation.go ValidateRollingUpdateDaemonSet: one of the two must be able to move. */
const daemonSet: Rule = {
  on: typeNamed('apps/v1.DaemonSetSpec'),
  check(spec: Sound<DaemonSetSpec>, at) {
    checkCounts(at, spec);
    const rolling = spec.updateStrategy?.rollingUpdate;
    if (rolling === undefined) return;
    const { maxSurge = 0, maxUnavailable = 1 } = rolling;
    const path = ['updateStrategy', 'rollingUpdate'];
    checkAmount(at, maxSurge, { path: [...path, 'maxSurge'], percentMax: 100 });
    checkAmount(at, maxUnavailable, { path: [...path, 'maxUnavailable'], percentMax: 100 });
    if (isNone(maxSurge) && isNone(maxUnavailable))
      at.error('invalid-strategy', [...path, 'maxUnavailable'], 'cannot be 0 where maxSurge is 0 too', {
        wording: invalidValue(maxUnavailable, 'cannot be 0 when maxSurge is 0'),
      });
    if (!isNone(maxSurge) && !isNone(maxUnavailable))
      at.error('invalid-strategy', [...path, 'maxSurge'], 'must be 0 where maxUnavailable is not', {
        wording: invalidValue(maxSurge, 'may not be set when maxUnavailable is non-zero'),
      });
  },
};

const statefulSet: Rule = {
  on: typeNamed('apps/v1.StatefulSetSpec'),
  check(spec: Sound<StatefulSetSpec>, at) {
    checkCounts(at, spec);
    checkRange(at, spec.ordinals?.start, { path: ['ordinals', 'start'], min: 0 });
    const { type, rollingUpdate } = spec.updateStrategy ?? {};
    if (type === 'OnDelete' && rollingUpdate !== undefined)
      at.error(
        'invalid-strategy',
        ['updateStrategy', 'rollingUpdate'],
        'cannot be set where the type is OnDelete',
        {
          wording: invalidValue(
            rollingUpdate as JsonValue,
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        },
      );
    const partition = rollingUpdate?.partition;
    checkRange(at, partition, { path: ['updateStrategy', 'rollingUpdate', 'partition'], min: 0 });
    const maxUnavailable = rollingUpdate?.maxUnavailable;
    const path = ['updateStrategy', 'rollingUpdate', 'maxUnavailable'];
    checkAmount(at, maxUnavailable, { path, percentMax: 100 });
    if (maxUnavailable !== undefined && isNone(maxUnavailable))
      at.error('out-of-range', path, 'cannot be 0', {
        wording: invalidValue(maxUnavailable, 'cannot be 0'),
      });
    checkText(at, spec.serviceName, { path: ['serviceName'], check: checkDns1123Label });
  },
};

type Counts = {
  readonly replicas?: number | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly revisionHistoryLimit?: number | undefined;
};

function checkCounts(at: At, counts: Counts): void {
  for (const field of ['replicas', 'minReadySeconds', 'revisionHistoryLimit'] as const)
    checkRange(at, counts[field], { path: [field], min: 0 });
}

/** A number of pods, or a part of them. */
export function checkAmount(
  at: At,
  amount: number | string | undefined,
  where: { readonly path: FieldPath; readonly percentMax?: number },
): void {
  const { path, percentMax } = where;
  if (amount === undefined) return;
  if (typeof amount === 'number') {
    checkRange(at, amount, { path, min: 0 });
    return;
  }
  const percent = resolveIntOrPercent(amount, { total: 100, round: 'up' });
  if (percent === null)
    at.error(
      'invalid-strategy',
      path,
      `must be a number, or a percentage such as 25%; it is ${JSON.stringify(amount.slice(0, 40))}`,
      {
        suggestion: /^\d{1,6}$/.test(amount) ? amount : undefined,
        wording: invalidValue(amount, nameWords(checkPercent(amount)[0] ?? '')),
      },
    );
  else if (percentMax !== undefined && percent > percentMax)
    at.error('out-of-range', path, `must be no more than ${percentMax}%`, {
      wording: invalidValue(amount, 'must not be greater than 100%'),
    });
}

function isNone(amount: number | string): boolean {
  return resolveIntOrPercent(amount, { total: 100, round: 'up' }) === 0;
}

export const workloads: readonly Rule[] = [
  deployment,
  replicaSet,
  replicationController,
  daemonSet,
  statefulSet,
];
