import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import { containersText, NONE, orElse, selectorText, UNSET } from './cell-text.ts';
import { AGE, type ColumnsByKind, integer, NAME, text, wide } from './column.ts';
import { humanDuration, since } from './human-duration.ts';
import { countAt, itemsAt, memberAt, numberAt, textAt } from './member-at.ts';
import { CONTAINERS, IMAGES, SELECTOR } from './workload-columns.ts';

function completions(job: JsonObject): string {
  const done = numberAt(job, 'status', 'succeeded');
  const wanted = memberAt(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${done}/${wanted}`;
  const parallelism = numberAt(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function duration(job: JsonObject, now: EpochMs): string {
  const start = fromRfc3339(textAt(job, 'status', 'startTime'));
  if (start === null) return '';
  return humanDuration((fromRfc3339(textAt(job, 'status', 'completionTime')) ?? now) - start);
}

/** The first that holds. Source: kubernetes pkg/printers jobStatus. */
function jobStatus(job: JsonObject): string {
  const conditions = itemsAt(job, 'status', 'conditions');
  const holds = (type: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (memberAt(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

/** `True`, `False`, as Go prints a boolean behind a pointer. */
function suspended(cronJob: JsonObject): string {
  const suspend = memberAt(cronJob, 'spec', 'suspend');
  return suspend === undefined ? UNSET : suspend === true ? 'True' : 'False';
}

const jobSpec = (cronJob: JsonObject) => memberAt(cronJob, 'spec', 'jobTemplate', 'spec');
const podSpec = (cronJob: JsonObject) => memberAt(jobSpec(cronJob), 'template', 'spec');

export const batchColumns: ColumnsByKind = {
  'batch/Job': [
    NAME,
    text('Status', jobStatus),
    text('Completions', completions),
    text('Duration', duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  'batch/CronJob': [
    NAME,
    text('Schedule', (object) => textAt(object, 'spec', 'schedule')),
    text('Timezone', orElse(NONE, 'spec', 'timeZone')),
    text('Suspend', suspended),
    integer('Active', (object) => countAt(object, 'status', 'active')),
    text('Last Schedule', (object, now) => {
      const last = memberAt(object, 'status', 'lastScheduleTime');
      return last === undefined ? NONE : since(last, now);
    }),
    AGE,
    wide(text('Containers', (object) => containersText(podSpec(object), 'name'))),
    wide(text('Images', (object) => containersText(podSpec(object), 'image'))),
    wide(text('Selector', (object) => selectorText(memberAt(jobSpec(object), 'selector')))),
  ],
};
