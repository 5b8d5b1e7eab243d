import type { JsonValue } from '../../base/json.ts';
import type { FieldPath } from '../finding.ts';
import type { Said } from '../finding-list.ts';
import { goLabelSelector, goTextMap } from '../go-value.ts';
import {
  matchesSelector,
  requirementError,
  type SelectorOperator,
  selectorFromLabels,
  selectorFromObject,
} from '../label-selector.ts';
import { nameWords } from '../name-wording.ts';
import { checkLabelKey, checkLabelValue } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type {
  DeploymentSpec,
  JobSpec,
  LabelSelector,
  LabelSelectorRequirement,
  NodeSelectorRequirement,
  ReplicationControllerSpec,
} from '../types.gen.ts';
import { forbiddenField, invalidText, invalidValue, requiredValue } from '../wording.ts';
import { checkLabels } from './object-labels.ts';

const OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);

type Requirement = {
  readonly key: string;
  readonly operator: string | undefined;
  readonly values: readonly string[];
};

const requirement = {
  check({ key, operator, values = [] }: Sound<LabelSelectorRequirement | NodeSelectorRequirement>, at: At) {
    const known = OPERATORS.get(operator ?? '');
    if (key === undefined || known === undefined) return;
    const wrong = requirementError({ key, operator: known, values });
    if (wrong !== null)
      at.error(
        'invalid-selector',
        [],
        `is no requirement: ${wrong}`,
        requirementWords({ key, operator, values }),
      );
  },
};

/** What the API says of a requirement whose values do not go with its operator, or are none. */
function requirementWords({ key, operator, values }: Requirement): Said {
  const [keyWrong] = checkLabelKey(key);
  if (keyWrong !== undefined) return { wording: invalidValue(key, nameWords(keyWrong)), apiPath: ['key'] };
  const apiPath = ['values'];
  switch (operator) {
    case 'In':
    case 'NotIn': {
      if (values.length === 0)
        return {
          wording: requiredValue("must be specified when `operator` is 'In' or 'NotIn'"),
          apiPath,
        };
      const index = values.findIndex((value) => checkLabelValue(value).length > 0);
      const [why = ''] = checkLabelValue(values[index] ?? '');
      return { wording: invalidValue(values[index], nameWords(why)), apiPath: ['values', index] };
    }
    case 'Exists':
    case 'DoesNotExist':
      return {
        wording: forbiddenField("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        apiPath,
      };
    case 'Gt':
    case 'Lt':
      return {
        wording: requiredValue("must be specified single value when `operator` is 'Lt' or 'Gt'"),
        apiPath,
      };
    default:
      return { wording: invalidValue(operator, 'not a valid selector operator'), apiPath: ['operator'] };
  }
}

const matchLabels: Rule = {
  on: typeNamed('meta/v1.LabelSelector'),
  check({ matchLabels: labels }: Sound<LabelSelector>, at) {
    checkLabels(at, labels ?? {}, ['matchLabels']);
  },
};

const SELECTOR: FieldPath = ['selector'];

/** What an empty one is called. A ReplicaSet's is told of as its Deployment's: the words are older than the kind. */
const EMPTY_FOR: Readonly<Record<string, string>> = { StatefulSet: 'statefulset', DaemonSet: 'daemonset' };

/** A workload's selector is required, selects something in particular, and selects the pods of its own template. */
const ownTemplate = {
  check({ selector, template }: Sound<Pick<DeploymentSpec, 'selector' | 'template'>>, at: At) {
    if (selector === undefined) return;
    const empty =
      Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
    if (empty) {
      at.error('invalid-selector', SELECTOR, 'selects everything; name the labels of the template', {
        wording: invalidText(
          goLabelSelector(selector as JsonValue),
          `empty selector is invalid for ${EMPTY_FOR[at.kind.kind] ?? 'deployment'}`,
        ),
      });
      return;
    }
    if (template !== undefined) checkMatch(at, selector, template.metadata?.labels);
  },
};

/** The API tells of the labels: they are what can be changed. */
function mismatch(labels: Readonly<Record<string, string | undefined>> | undefined): Said {
  return {
    wording: invalidText(goTextMap(labels), '`selector` does not match template `labels`'),
    apiPath: ['template', 'metadata', 'labels'],
  };
}

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
    mismatch(labels),
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
        at.error('missing-field', SELECTOR, 'is required where the template has no labels', {
          wording: requiredValue(),
        });
      return;
    }
    if (
      template === undefined ||
      matchesSelector(selectorFromLabels(selector as Record<string, string>), labels)
    )
      return;
    at.error(
      'selector-mismatch',
      SELECTOR,
      'does not select the labels of its own template',
      mismatch(labels),
    );
  },
};

/** A Job's selector is made for it, unless it says that it brings its own. */
const job: Rule = {
  on: typeNamed('batch/v1.JobSpec'),
  check({ selector, manualSelector, template }: Sound<JobSpec>, at) {
    if (selector === undefined) {
      if (manualSelector === true)
        at.error('missing-field', SELECTOR, 'is required where manualSelector is true', {
          wording: requiredValue(),
        });
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
