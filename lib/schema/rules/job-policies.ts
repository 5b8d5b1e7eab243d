import type { JsonValue } from '../../base/json.ts';
import { nameWords } from '../name-wording.ts';
import { checkDns1123Label, checkQualifiedName } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { Job, JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../types.gen.ts';
import { duplicateValue, invalidValue, requiredValue, tooMany } from '../wording.ts';

/** Sources: batch validation.go maxPodFailurePolicyOnExitCodesValues, maxJobSuccessPolicyRules, maxManagedByLength. */
const EXIT_CODES_MAX = 255;
const SUCCESS_RULES_MAX = 20;
const MANAGED_BY_CHARS_MAX = 63;

/** What the parts of a Job say of one another. Source: batch validation.go validateJobSpec. */
const policies: Rule = {
  on: typeNamed('batch/v1.JobSpec'),
  check(spec: Sound<JobSpec>, at) {
    // Without indexes these are told of as a whole.
    if (spec.completionMode === 'Indexed') {
      checkLimitsPerIndex(at, spec);
      checkSuccessPolicy(at, spec);
    }
    checkManager(at, spec.managedBy);
    const template = spec.template?.spec;
    const containers = [...(template?.containers ?? []), ...(template?.initContainers ?? [])];
    const names = new Set(containers.map(({ name }) => name));
    for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries())
      checkExitCodes(at, rule, { index, names });
  },
};

/** As it is defaulted. */
function completionsOf({ completions, parallelism }: Sound<JobSpec>): number | undefined {
  return completions ?? (parallelism === undefined ? 1 : undefined);
}

function checkLimitsPerIndex(at: At, spec: Sound<JobSpec>): void {
  const { backoffLimitPerIndex, maxFailedIndexes, template, podFailurePolicy } = spec;
  const completions = completionsOf(spec);
  const policy = template?.spec?.restartPolicy ?? '';
  // With a failure policy the same is said of it already.
  if (backoffLimitPerIndex !== undefined && podFailurePolicy === undefined && policy === 'OnFailure')
    at.error(
      'invalid-restart-policy',
      ['template', 'spec', 'restartPolicy'],
      'must be Never where backoffLimitPerIndex is set',
      {
        suggestion: 'Never',
        wording: invalidValue(policy, 'only "Never" is supported when backoffLimitPerIndex is specified'),
      },
    );
  if (maxFailedIndexes === undefined) return;
  if (backoffLimitPerIndex === undefined)
    at.error('missing-field', ['backoffLimitPerIndex'], 'is required where maxFailedIndexes is set', {
      wording: requiredValue('when maxFailedIndexes is specified'),
    });
  if (completions !== undefined && maxFailedIndexes > completions)
    at.error('out-of-range', ['maxFailedIndexes'], `must be at most the ${completions} completions`, {
      wording: invalidValue(maxFailedIndexes, 'must be less than or equal to completions'),
    });
}

function checkManager(at: At, manager: string | undefined): void {
  if (manager === undefined) return;
  const tell = (predicate: string, words: string): void =>
    at.error('invalid-name', ['managedBy'], predicate, { wording: invalidValue(manager, words) });
  if (manager.length > MANAGED_BY_CHARS_MAX)
    tell(
      `must have at most ${MANAGED_BY_CHARS_MAX} characters`,
      `may not be more than ${MANAGED_BY_CHARS_MAX} bytes`,
    );
  else if (!manager.includes('/'))
    tell(
      'must begin with a domain, as in example.com/controller',
      'must be a domain-prefixed path (such as "acme.io/foo")',
    );
  else for (const wrong of checkQualifiedName(manager)) tell(wrong, nameWords(wrong));
}

function checkExitCodes(
  at: At,
  { onExitCodes }: Sound<PodFailurePolicyRule>,
  rule: { readonly index: number; readonly names: ReadonlySet<string | undefined> },
): void {
  if (onExitCodes === undefined) return;
  const { values = [], containerName } = onExitCodes;
  const path = ['podFailurePolicy', 'rules', rule.index, 'onExitCodes'];
  if (values.length === 0)
    at.error('missing-field', [...path, 'values'], 'must name at least one code', {
      wording: invalidValue([], 'at least one value is required'),
    });
  if (values.length > EXIT_CODES_MAX)
    at.error('out-of-range', [...path, 'values'], `must be no more than ${EXIT_CODES_MAX}`, {
      wording: tooMany({ count: values.length, max: EXIT_CODES_MAX }),
    });
  if (new Set(values).size < values.length)
    at.error('duplicate-entry', [...path, 'values'], 'holds a code twice', {
      wording: duplicateValue(values.find((code, place) => values.indexOf(code) !== place)),
    });
  else if (values.some((code, place) => place > 0 && code < (values[place - 1] ?? code)))
    at.error('out-of-range', [...path, 'values'], 'must be in order, the lowest first', {
      wording: invalidValue([...values], 'must be ordered'),
    });
  if (containerName !== undefined && rule.names.size > 0 && !rule.names.has(containerName))
    at.error('unknown-container', [...path, 'containerName'], 'is no container of the template', {
      wording: invalidValue(
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    });
}

function checkSuccessPolicy(at: At, spec: Sound<JobSpec>): void {
  const { successPolicy } = spec;
  if (successPolicy === undefined) return;
  const completions = completionsOf(spec);
  const path = ['successPolicy', 'rules'];
  const { rules = [] } = successPolicy;
  if (rules.length === 0)
    at.error('missing-field', path, 'must hold at least one rule', {
      wording: requiredValue('at least one rules must be specified when the successPolicy is specified'),
    });
  if (rules.length > SUCCESS_RULES_MAX)
    at.error('out-of-range', path, `must be no more than ${SUCCESS_RULES_MAX}`, {
      wording: tooMany({ count: rules.length, max: SUCCESS_RULES_MAX }),
    });
  for (const [index, rule] of rules.entries()) checkSuccessRule(at, rule, { index, completions });
}

function checkSuccessRule(
  at: At,
  { succeededCount, succeededIndexes }: Sound<SuccessPolicyRule>,
  of: { readonly index: number; readonly completions: number | undefined },
): void {
  const path = ['successPolicy', 'rules', of.index];
  const { completions = Number.POSITIVE_INFINITY } = of;
  if (succeededCount === undefined && succeededIndexes === undefined) {
    at.error('one-of', path, 'needs succeededCount, succeededIndexes, or both', {
      wording: requiredValue('at least one of succeededCount or succeededIndexes must be specified'),
    });
    return;
  }
  const count = succeededIndexes === undefined ? null : countIndexes(succeededIndexes, completions);
  if (typeof count === 'string')
    at.error('out-of-range', [...path, 'succeededIndexes'], count, {
      wording: invalidValue(succeededIndexes, `error parsing succeededIndexes: ${count}`),
    });
  if (succeededCount === undefined) return;
  const most = typeof count === 'number' ? Math.min(count, completions) : completions;
  if (succeededCount < 0 || succeededCount > most)
    at.error('out-of-range', [...path, 'succeededCount'], `must be between 0 and ${most}`, {
      wording: invalidValue(succeededCount as JsonValue, `must be less than or equal to ${most}`),
    });
}

/** How many indexes a list such as `1,3-5` names, or what is wrong with it. They ascend and do not touch the same twice. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let [count, before] = [0, -1];
  for (const part of text.split(',')) {
    const match = /^(0|[1-9][0-9]{0,9})(?:-(0|[1-9][0-9]{0,9}))?$/.exec(part);
    if (match === null) return `cannot be read at ${JSON.stringify(part.slice(0, 40))}`;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first <= before || (match[2] !== undefined && last <= first)) return 'must be in order, each once';
    if (last >= completions) return `names ${last}, and the highest index is ${completions - 1}`;
    count += last - first + 1;
    before = last;
  }
  return count;
}

/** The host name of a pod of an index is made of the Job's. Source: batch validation.go ValidateJob. */
const hostNames: Rule = {
  on: typeNamed('batch/v1.Job'),
  check({ metadata, spec }: Sound<Job>, at) {
    const { completionMode, completions = 0 } = spec ?? {};
    const name = metadata?.name ?? '';
    if (completionMode !== 'Indexed' || completions <= 0 || name === '') return;
    for (const wrong of checkDns1123Label(`${name}-${completions - 1}`))
      at.error(
        'invalid-name',
        ['metadata', 'name'],
        `gives pods of an indexed Job host names that are none: ${wrong}`,
        {
          wording: invalidValue(
            name,
            `will not able to create pod with invalid DNS label: ${name}-${completions - 1}`,
          ),
        },
      );
  },
};

export const jobPolicies: readonly Rule[] = [policies, hostNames];
