import type { FieldPath } from '../finding.ts';
import {
  matchesSelector,
  requirementError,
  type SelectorOperator,
  selectorFromLabels,
  selectorFromObject,
} from '../label-selector.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type {
  DeploymentSpec,
  JobSpec,
  LabelSelector,
  LabelSelectorRequirement,
  NodeSelectorRequirement,
  ReplicationControllerSpec,
} from '../types.gen.ts';
import { checkLabels } from './object-labels.ts';

const OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);

const requirement = {
  check({ key, operator, values = [] }: Sound<LabelSelectorRequirement | NodeSelectorRequirement>, at: At) {
    const known = OPERATORS.get(operator ?? '');
    if (key === undefined || known === undefined) return;
    const wrong = requirementError({ key, operator: known, values });
    if (wrong !== null) at.error('invalid-selector', [], `is no requirement: ${wrong}`);
  },
};

const matchLabels: Rule = {
  on: typeNamed('meta/v1.LabelSelector'),
  check({ matchLabels: labels }: Sound<LabelSelector>, at) {
    checkLabels(at, labels ?? {}, ['matchLabels']);
  },
};

const SELECTOR: FieldPath = ['selector'];

/** A workload's selector is required, selects something in particular, and selects the pods of its own template. */
const ownTemplate = {
  check({ selector, template }: Sound<Pick<DeploymentSpec, 'selector' | 'template'>>, at: At) {
    if (selector === undefined) return;
    const empty =
      Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
    if (empty) {
      at.error('invalid-selector', SELECTOR, 'selects everything; name the labels of the template');
      return;
    }
    if (template !== undefined) checkMatch(at, selector, template.metadata?.labels);
  },
};

function checkMatch(
  at: At,
  selector: Sound<LabelSelector>,
  labels: Readonly<Record<string, string | undefined>> | undefined,
): void {
  const result = selectorFromObject(selector as LabelSelector);
  if (result.error !== undefined) return;
  if (matchesSelector(result.selector, (labels ?? {}) as Record<string, string>)) return;
  at.error(
    'selector-mismatch',
    SELECTOR,
    `does not select the labels of its own template, ${JSON.stringify(labels ?? {}).slice(0, 200)}`,
  );
}

/** The old kind selects by a plain map, the template's labels when there is none. */
const replicationController: Rule = {
  on: typeNamed('core/v1.ReplicationControllerSpec'),
  check({ selector, template }: Sound<ReplicationControllerSpec>, at) {
    const labels = (template?.metadata?.labels ?? {}) as Record<string, string>;
    checkLabels(at, selector ?? {}, SELECTOR);
    if (selector === undefined || Object.keys(selector).length === 0) {
      if (template !== undefined && Object.keys(labels).length === 0)
        at.error('missing-field', SELECTOR, 'is required where the template has no labels');
      return;
    }
    if (
      template === undefined ||
      matchesSelector(selectorFromLabels(selector as Record<string, string>), labels)
    )
      return;
    at.error('selector-mismatch', SELECTOR, 'does not select the labels of its own template');
  },
};

/** A Job's selector is made for it, unless it says that it brings its own. */
const job: Rule = {
  on: typeNamed('batch/v1.JobSpec'),
  check({ selector, manualSelector, template }: Sound<JobSpec>, at) {
    if (selector === undefined) {
      if (manualSelector === true)
        at.error('missing-field', SELECTOR, 'is required where manualSelector is true');
      return;
    }
    if (manualSelector === true) checkMatch(at, selector, template?.metadata?.labels);
  },
};

export const selectors: readonly Rule[] = [
  { on: typeNamed('meta/v1.LabelSelectorRequirement'), ...requirement },
  { on: typeNamed('core/v1.NodeSelectorRequirement'), ...requirement },
  matchLabels,
  { on: typeNamed('apps/v1.DeploymentSpec'), ...ownTemplate },
  { on: typeNamed('apps/v1.ReplicaSetSpec'), ...ownTemplate },
  { on: typeNamed('apps/v1.DaemonSetSpec'), ...ownTemplate },
  { on: typeNamed('apps/v1.StatefulSetSpec'), ...ownTemplate },
  replicationController,
  job,
];
