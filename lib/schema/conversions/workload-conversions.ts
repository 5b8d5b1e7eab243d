import { type DraftObject, draftAt, isAbsent } from '../draft.ts';
import type { ConversionNotes, ConversionTable } from './conversion-step.ts';

/** No deadline, and no end of history, in versions that came before the limits. Source: extensions/v1beta1 defaults. */
const NO_LIMIT = 2 ** 31 - 1;

/** A selector that was left out is the template's labels; so are the object's own labels. */
function labelsFromTemplate(draft: DraftObject, notes: ConversionNotes): void {
  const labels = draftAt(draft, 'spec', 'template', 'metadata', 'labels');
  if (labels === undefined || Object.keys(labels).length === 0) return;
  notes.fill(draft, ['spec', 'selector'], { matchLabels: { ...labels } });
  const own = draftAt(draft, 'metadata', 'labels');
  if (own === undefined || Object.keys(own).length === 0) {
    const metadata = draftAt(draft, 'metadata');
    if (metadata !== undefined) metadata.labels = null;
    notes.fill(draft, ['metadata', 'labels'], { ...labels });
  }
}

function rolls(draft: DraftObject): boolean {
  const type = draftAt(draft, 'spec', 'strategy')?.type;
  return isAbsent(type) || type === '' || type === 'RollingUpdate';
}

function deployment(was: {
  readonly surge: number | string;
  readonly history: number;
  readonly deadlineSeconds: number;
}): (draft: DraftObject, notes: ConversionNotes) => void {
  return (draft, notes) => {
    labelsFromTemplate(draft, notes);
    notes.drop(draft, ['spec', 'rollbackTo']);
    if (draftAt(draft, 'spec') === undefined) return;
    if (rolls(draft) && was.surge !== '25%') {
      notes.fill(draft, ['spec', 'strategy', 'rollingUpdate', 'maxSurge'], was.surge);
      notes.fill(draft, ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable'], was.surge);
    }
    notes.fill(draft, ['spec', 'revisionHistoryLimit'], was.history);
    if (was.deadlineSeconds !== 600)
      notes.fill(draft, ['spec', 'progressDeadlineSeconds'], was.deadlineSeconds);
  };
}

/** Before apps/v1beta2 these waited for their pods to be deleted by hand. */
function updatesOnDelete(draft: DraftObject, notes: ConversionNotes): void {
  labelsFromTemplate(draft, notes);
  notes.drop(draft, ['spec', 'templateGeneration']);
  if (draftAt(draft, 'spec') !== undefined) notes.fill(draft, ['spec', 'updateStrategy', 'type'], 'OnDelete');
}

/** A PodDisruptionBudget's empty selector selected nothing; since policy/v1 it selects everything. */
function emptyBudgetSelector(draft: DraftObject, notes: ConversionNotes): void {
  const selector = draftAt(draft, 'spec', 'selector');
  const empty = (part: DraftObject[string]): boolean =>
    isAbsent(part) || (typeof part === 'object' && Object.keys(part).length === 0);
  if (selector !== undefined && Object.values(selector).every(empty)) notes.drop(draft, ['spec', 'selector']);
}

const sixteen = { removedIn: '1.16' };

export const workloadConversions: ConversionTable = {
  'extensions/v1beta1/Deployment': {
    ...sixteen,
    convert: deployment({ surge: 1, history: NO_LIMIT, deadlineSeconds: NO_LIMIT }),
  },
  'apps/v1beta1/Deployment': {
    ...sixteen,
    convert: deployment({ surge: '25%', history: 2, deadlineSeconds: 600 }),
  },
  'apps/v1beta2/Deployment': sixteen,
  'extensions/v1beta1/ReplicaSet': { ...sixteen, convert: labelsFromTemplate },
  'apps/v1beta2/ReplicaSet': sixteen,
  'extensions/v1beta1/DaemonSet': { ...sixteen, convert: updatesOnDelete },
  'apps/v1beta2/DaemonSet': sixteen,
  'apps/v1beta1/StatefulSet': { ...sixteen, convert: updatesOnDelete },
  'apps/v1beta2/StatefulSet': sixteen,
  'apps/v1beta1/ControllerRevision': sixteen,
  'apps/v1beta2/ControllerRevision': sixteen,
  'batch/v1beta1/CronJob': { removedIn: '1.25' },
  'batch/v2alpha1/CronJob': { removedIn: '1.21' },
  'policy/v1beta1/PodDisruptionBudget': { removedIn: '1.25', convert: emptyBudgetSelector },
};
