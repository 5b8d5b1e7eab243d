import { type EpochMs, minuteMs, toRfc3339 } from '../../base/clock.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import { zoneOf } from '../../schema/time-zone.ts';
import type { CronJob, Job } from '../../schema/types.gen.ts';

/** When the Job of a run was to run, in the CronJob's time zone. Source: batch/v1 CronJobScheduledTimestampAnnotation. */
export const SCHEDULED_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** One name for one scheduled minute: a run can never be made twice. Source: upstream getJobName. */
export function runName(cronJob: CronJob, scheduledAtMs: EpochMs): string {
  return `${cronJob.metadata.name}-${Math.floor(scheduledAtMs / minuteMs)}`;
}

export function jobOfRun(cronJob: CronJob, scheduledAtMs: EpochMs): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const scheduled = inZone(scheduledAtMs, cronJob.spec.timeZone ?? 'UTC');
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: runName(cronJob, scheduledAtMs),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels !== undefined && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [SCHEDULED_ANNOTATION]: scheduled },
      ownerReferences: [ownerReferenceTo(cronJob)],
    },
    spec,
  };
}

/** RFC 3339 with the zone's offset: `2026-01-05T09:00:00+01:00`. */
function inZone(at: EpochMs, timeZone: string): string {
  const offsetMinutes = Math.round((zoneOf(timeZone)?.offsetAt(at) ?? 0) / minuteMs);
  if (offsetMinutes === 0) return toRfc3339(at);
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  const away = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${toRfc3339(at + offsetMinutes * minuteMs).slice(0, -1)}${sign}${two(away / 60)}:${two(away % 60)}`;
}
