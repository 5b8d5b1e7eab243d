import { isTimeZone, parseCronSchedule } from '../cron-schedule.ts';
import { nearestName } from '../nearest-name.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { CronJobSpec } from '../types.gen.ts';
import { invalidValue, notSupported } from '../wording.ts';
import { checkRange } from './number-range.ts';

/** Source: batch validation.go validateCronJobSpec. */
const cronJob: Rule = {
  on: typeNamed('batch/v1.CronJobSpec'),
  check(spec: Sound<CronJobSpec>, at) {
    checkSchedule(at, spec.schedule ?? '');
    checkZone(at, spec.timeZone);
    for (const field of [
      'startingDeadlineSeconds',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ] as const)
      checkRange(at, spec[field], { path: [field], min: 0 });
    if (spec.jobTemplate?.spec?.manualSelector === true)
      at.error(
        'conflicting-fields',
        ['jobTemplate', 'spec', 'manualSelector'],
        'is not for the Jobs of a CronJob',
        { wording: notSupported(true, ['nil', 'false']) },
      );
  },
};

function checkSchedule(at: At, text: string): void {
  if (text === '') return;
  const schedule = parseCronSchedule(text);
  if ('error' in schedule) {
    at.error('invalid-schedule', ['schedule'], `is no cron expression: ${schedule.error}`, {
      wording: invalidValue(text, schedule.error),
    });
    return;
  }
  if (schedule.embeddedZone !== null)
    at.error('invalid-schedule', ['schedule'], 'must not name a time zone; write it to timeZone', {
      suggestion: text.replace(/^(CRON_)?TZ=\S+\s+/, ''),
      wording: invalidValue(text, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'),
    });
}

function checkZone(at: At, zone: string | undefined): void {
  if (zone === undefined) return;
  if (zone === '')
    at.error('invalid-time-zone', ['timeZone'], 'must not be empty; leave it out for UTC', {
      wording: invalidValue(zone, 'timeZone must be nil or non-empty string'),
    });
  else if (zone.toLowerCase() === 'local')
    at.error('invalid-time-zone', ['timeZone'], 'must be the name of a zone, not Local', {
      wording: invalidValue(
        zone,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    });
  else if (!isTimeZone(zone))
    at.error(
      'invalid-time-zone',
      ['timeZone'],
      `is not a known time zone; it is ${JSON.stringify(zone.slice(0, 60))}`,
      {
        suggestion: nearestName(zone, Intl.supportedValuesOf('timeZone')),
        wording: invalidValue(zone, `unknown time zone ${zone.slice(0, 200)}`),
      },
    );
}

export const cronJobs: readonly Rule[] = [cronJob];
