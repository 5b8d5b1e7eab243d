import type { JsonValue } from '../../base/json.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { JobSpec, PodFailurePolicy } from '../types.gen.ts';
import { invalidValue, invalidWithoutValue, notSupported, requiredValue, tooMany } from '../wording.ts';
import { checkRange } from './number-range.ts';

/** Source: batch validation.go: what an indexed Job may reach. */
const INDEXED_PARALLELISM_MAX = 100_000;
const FAILURE_RULES_MAX = 20;

/** Source: batch validation.go validateJobSpec. */
const job: Rule = {
  on: typeNamed('batch/v1.JobSpec'),
  check(spec: Sound<JobSpec>, at) {
    for (const field of [
      'parallelism',
      'completions',
      'backoffLimit',
      'backoffLimitPerIndex',
      'maxFailedIndexes',
      'ttlSecondsAfterFinished',
      'activeDeadlineSeconds',
    ] as const)
      checkRange(at, spec[field], { path: [field], min: 0 });
    checkCompletionMode(at, spec);
    checkFailurePolicy(at, spec);
    if (spec.podFailurePolicy !== undefined && spec.podReplacementPolicy === 'TerminatingOrFailed')
      at.error(
        'conflicting-fields',
        ['podReplacementPolicy'],
        'must be Failed where a podFailurePolicy is set',
        { suggestion: 'Failed', wording: notSupported(spec.podReplacementPolicy, ['Failed']) },
      );
  },
};

function checkCompletionMode(at: At, spec: Sound<JobSpec>): void {
  const indexed = spec.completionMode === 'Indexed';
  // With neither said, it is one of one.
  if (indexed && spec.completions === undefined && spec.parallelism !== undefined)
    at.error('missing-field', ['completions'], 'is required where completionMode is Indexed', {
      wording: requiredValue('when completion mode is Indexed'),
    });
  if (indexed)
    checkRange(at, spec.parallelism, {
      path: ['parallelism'],
      min: Number.MIN_SAFE_INTEGER,
      max: INDEXED_PARALLELISM_MAX,
      why: `must be less than or equal to ${INDEXED_PARALLELISM_MAX} when completion mode is Indexed`,
    });
  if (indexed) return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'] as const)
    if (spec[field] !== undefined)
      at.error('conflicting-fields', [field], 'needs completionMode Indexed', {
        wording: invalidValue(spec[field] as JsonValue, 'requires indexed completion mode'),
      });
}

function checkFailurePolicy(at: At, { podFailurePolicy, backoffLimitPerIndex }: Sound<JobSpec>): void {
  const rules: Sound<PodFailurePolicy>['rules'] = podFailurePolicy?.rules ?? [];
  const path = ['podFailurePolicy', 'rules'];
  if ((rules ?? []).length > FAILURE_RULES_MAX)
    at.error('out-of-range', path, `must be no more than ${FAILURE_RULES_MAX}`, {
      wording: tooMany({ count: (rules ?? []).length, max: FAILURE_RULES_MAX }),
    });
  for (const [index, { action, onExitCodes, onPodConditions = [] }] of (rules ?? []).entries()) {
    const given = (onExitCodes === undefined ? 0 : 1) + (onPodConditions.length > 0 ? 1 : 0);
    if (given !== 1)
      at.error('one-of', [...path, index], 'needs exactly one of onExitCodes and onPodConditions', {
        wording: invalidWithoutValue(
          given === 0
            ? 'specifying one of OnExitCodes and OnPodConditions is required'
            : 'specifying both OnExitCodes and OnPodConditions is not supported',
        ),
      });
    if (action === 'FailIndex' && backoffLimitPerIndex === undefined)
      at.error('conflicting-fields', [...path, index, 'action'], 'needs backoffLimitPerIndex', {
        wording: invalidValue(action, 'requires the backoffLimitPerIndex to be set'),
      });
    if (onExitCodes?.operator === 'In' && (onExitCodes.values ?? []).includes(0))
      at.error(
        'out-of-range',
        [...path, index, 'onExitCodes', 'values'],
        'must not hold 0 where the operator is In',
        {
          wording: invalidValue(0, 'must not be 0 for the In operator'),
          apiPath: [...path, index, 'onExitCodes', 'values', (onExitCodes.values ?? []).indexOf(0)],
        },
      );
  }
}

export const jobs: readonly Rule[] = [job];
