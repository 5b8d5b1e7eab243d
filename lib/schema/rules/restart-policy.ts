import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { DeploymentSpec, JobSpec } from '../types.gen.ts';
import { invalidValue, notSupported, requiredValue } from '../wording.ts';

const PATH = ['template', 'spec', 'restartPolicy'];

/** What keeps its pods running restarts them always. */
const always = {
  check({ template }: Sound<Pick<DeploymentSpec, 'template'>>, at: At) {
    const policy = template?.spec?.restartPolicy ?? '';
    if (policy !== '' && policy !== 'Always')
      at.error('invalid-restart-policy', PATH, `must be Always; it is ${policy}`, {
        suggestion: 'Always',
        wording: notSupported(policy, ['Always']),
      });
  },
};

const ENDS_WORDS = 'valid values: "OnFailure", "Never"';

/** What runs its pods to an end does not. The default is Always, so that it must be said. */
const ends: Rule = {
  on: typeNamed('batch/v1.JobSpec'),
  check({ template, podFailurePolicy }: Sound<JobSpec>, at) {
    if (template?.spec === undefined) return;
    const policy = template.spec.restartPolicy ?? '';
    if (podFailurePolicy !== undefined && policy !== 'Never')
      at.error('invalid-restart-policy', PATH, 'must be Never where a podFailurePolicy is set', {
        suggestion: 'Never',
        wording: invalidValue(policy, 'only "Never" is supported when podFailurePolicy is specified'),
      });
    else if (policy === '')
      at.error('invalid-restart-policy', PATH, 'is required: OnFailure or Never', {
        suggestion: 'OnFailure',
        wording: requiredValue(ENDS_WORDS),
      });
    else if (policy === 'Always')
      at.error('invalid-restart-policy', PATH, 'must be OnFailure or Never; it is Always', {
        suggestion: 'OnFailure',
        wording: requiredValue(ENDS_WORDS),
      });
  },
};

export const restartPolicies: readonly Rule[] = [
  ...[
    'apps/v1.DeploymentSpec',
    'apps/v1.ReplicaSetSpec',
    'apps/v1.DaemonSetSpec',
    'apps/v1.StatefulSetSpec',
    'core/v1.ReplicationControllerSpec',
  ].map((type) => ({ on: typeNamed(type), ...always })),
  ends,
];
