import type {
  ContainerStatus,
  Pod,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../schema/types.gen.ts';

const ACTIONS = ['FailJob', 'FailIndex', 'Ignore', 'Count'] as const;
export type FailureAction = (typeof ACTIONS)[number];

/** What a Job's podFailurePolicy says about a pod that failed. `action` null: no rule says anything, so it counts. */
export type FailureVerdict = {
  readonly action: FailureAction | null;
  readonly counts: boolean;
  /** Why the whole Job fails; null when it does not. */
  readonly jobFails: string | null;
};

/** The first rule that matches decides; one with an action we do not know is passed over. Source: upstream pod_failure_policy.go. */
export function failureVerdict(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [at, rule] of (policy?.rules ?? []).entries()) {
    const action = ACTIONS.find((known) => known === rule.action);
    if (action === undefined) continue;
    const why = reasonToMatch(rule, pod);
    if (why === null) continue;
    return {
      action,
      counts: action !== 'Ignore',
      jobFails: action === 'FailJob' ? `${why} matching FailJob rule at index ${at}` : null,
    };
  }
  return { action: null, counts: true, jobFails: null };
}

function reasonToMatch(rule: PodFailurePolicyRule, pod: Pod): string | null {
  const { namespace = '', name } = pod.metadata;
  if (rule.onExitCodes !== undefined) {
    const failed = failedContainer(rule.onExitCodes, pod);
    if (failed === undefined) return null;
    const code = failed.state?.terminated?.exitCode;
    return `Container ${failed.name} for pod ${namespace}/${name} failed with exit code ${code}`;
  }
  for (const pattern of rule.onPodConditions ?? []) {
    const wanted = pattern.status ?? 'True';
    const met = pod.status?.conditions?.some(
      ({ type, status }) => type === pattern.type && status === wanted,
    );
    if (met === true) return `Pod ${namespace}/${name} has condition ${pattern.type}`;
  }
  return null;
}

/** Only containers that failed are looked at: exit code 0 matches nothing, not even NotIn. */
function failedContainer(
  requirement: PodFailurePolicyOnExitCodesRequirement,
  { status }: Pod,
): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (requirement.containerName ?? name) !== name) return false;
    const listed = requirement.values.includes(code);
    if (requirement.operator === 'In') return listed;
    return requirement.operator === 'NotIn' && !listed;
  });
}
