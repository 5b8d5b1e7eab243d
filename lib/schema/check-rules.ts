import type { JsonObject } from '../base/json.ts';
import type { Finding } from './finding.ts';
import { inspectObject, type RuleIndex } from './inspect-object.ts';
import type { Rule } from './rule.ts';
import { access } from './rules/access.ts';
import { affinity } from './rules/affinity.ts';
import { autoscalers } from './rules/autoscalers.ts';
import { configData } from './rules/config-data.ts';
import { containers } from './rules/container.ts';
import { cronJobs } from './rules/cron-jobs.ts';
import { customDefinitions } from './rules/custom-definitions.ts';
import { env } from './rules/env.ts';
import { ephemeralContainers } from './rules/ephemeral-containers.ts';
import { jobPolicies } from './rules/job-policies.ts';
import { jobs } from './rules/jobs.ts';
import { limitRanges } from './rules/limit-ranges.ts';
import { networking } from './rules/networking.ts';
import { notEnforced } from './rules/not-enforced.ts';
import { objectLabels } from './rules/object-labels.ts';
import { objectName } from './rules/object-name.ts';
import { podSpecRules } from './rules/pod-spec.ts';
import { podTerms } from './rules/pod-terms.ts';
import { policies } from './rules/policies.ts';
import { priorityClasses } from './rules/priority-classes.ts';
import { probeRules } from './rules/probes.ts';
import { quotas } from './rules/quotas.ts';
import { resources } from './rules/resources.ts';
import { restartPolicies } from './rules/restart-policy.ts';
import { selectors } from './rules/selectors.ts';
import { services } from './rules/services.ts';
import { volumes } from './rules/volumes.ts';
import { workloads } from './rules/workloads.ts';
import type { Schema } from './schema.ts';

const allRules: readonly Rule[] = [
  objectName,
  objectLabels,
  ...selectors,
  ...podSpecRules,
  ...affinity,
  ...podTerms,
  ...containers,
  ...ephemeralContainers,
  ...env,
  ...probeRules,
  ...resources,
  ...volumes,
  ...restartPolicies,
  ...workloads,
  ...jobs,
  ...jobPolicies,
  ...cronJobs,
  ...autoscalers,
  ...services,
  ...configData,
  ...networking,
  ...access,
  ...policies,
  ...quotas,
  ...limitRanges,
  ...priorityClasses,
  ...customDefinitions,
  ...notEnforced,
];

/** Every rule of one object, by the type it looks at. */
export const ruleIndex: RuleIndex = Map.groupBy(allRules, (rule) => rule.on);

/**
 * What Kubernetes would refuse of one object on create, beyond its shape: names, labels, ports, selectors, schedules and so on.
 * The object stands in its stored version; with or without its defaults gives the same. What has not its shape is passed over
 * (see checkShape). All findings at once; never throws.
 */
export function checkRules(schema: Schema, object: JsonObject): readonly Finding[] {
  const { apiVersion, kind: kindName } = object;
  const kind =
    typeof apiVersion === 'string' && typeof kindName === 'string'
      ? schema.kindOf(apiVersion, kindName)
      : undefined;
  return kind === undefined ? [] : inspectObject({ schema, kind, object, shape: false, rules: ruleIndex });
}
