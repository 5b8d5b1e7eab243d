import type { DurationMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { cronFields } from './cron-fields.ts';
import { parseGoDuration } from './go-duration.ts';
import { isTimeZone } from './time-zone.ts';

export { latestTime, nextTime } from './cron-next-time.ts';
export { isTimeZone } from './time-zone.ts';

/** Which values each field takes. `dayRule` either: a day matches by its date or by its weekday. */
export type CronFields = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 (Sunday) to 6. */
  readonly daysOfWeek: ReadonlySet<number>;
  readonly dayRule: 'both' | 'either';
};

/** A schedule that has been read. `embeddedZone`: it began with TZ= or CRON_TZ=, which new objects may not. */
export type CronSchedule = { readonly embeddedZone: string | null } & (
  | { readonly kind: 'fields'; readonly fields: CronFields }
  /** Counted from the run before, in whole seconds. */
  | { readonly kind: 'every'; readonly everyMs: DurationMs }
);

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * Reads a CronJob's schedule: exactly five fields, or a descriptor (`@hourly`, `@daily`, …, `@every 1h30m`).
 * Source: robfig/cron v3 ParseStandard, as Kubernetes calls it.
 */
export function parseCronSchedule(text: string): CronSchedule | { readonly error: string } {
  if (text.length > limits.cronScheduleCharsMax)
    return { error: `the schedule is longer than ${limits.cronScheduleCharsMax} characters` };
  const prefix = /^(?:CRON_)?TZ=(\S*)\s*/.exec(text);
  const embeddedZone = prefix?.[1] ?? null;
  if (embeddedZone !== null && !isTimeZone(embeddedZone))
    return { error: `\`${embeddedZone}\` is not a time zone` };
  const written = text.slice(prefix?.[0].length ?? 0).trim();
  if (written.startsWith('@every ')) {
    const durationMs = parseGoDuration(written.slice('@every '.length));
    if (durationMs === null) return { error: 'after `@every` comes a duration such as `1h30m`' };
    return { embeddedZone, kind: 'every', everyMs: Math.max(1000, Math.floor(durationMs / 1000) * 1000) };
  }
  const expression = written.startsWith('@') ? DESCRIPTORS.get(written) : written;
  if (expression === undefined)
    return {
      error: `\`${written}\` is not a descriptor; there are ${[...DESCRIPTORS.keys()].join(', ')} and @every`,
    };
  const fields = cronFields(expression);
  return 'error' in fields ? fields : { embeddedZone, kind: 'fields', fields };
}
