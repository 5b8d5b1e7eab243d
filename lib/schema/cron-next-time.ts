import { type EpochMs, hourMs, minuteMs } from '../base/clock.ts';
import { assert } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { CronFields, CronSchedule } from './cron-schedule.ts';
import { zoneOf } from './time-zone.ts';

const DAY_MINUTES = 24 * 60;

/**
 * The first time strictly after `after`; null when there is none within five years. A time fires whenever the wall clock
 * of its zone shows it: in the hour that is left out it does not, in the hour that comes twice it does twice.
 *
 * @param timeZone  the CronJob's; null: the one written in the schedule, else UTC. It has been checked (isTimeZone).
 */
export function nextTime(
  schedule: CronSchedule,
  options: { readonly after: EpochMs; readonly timeZone: string | null },
): EpochMs | null {
  if (schedule.kind === 'every') return Math.floor(options.after / 1000) * 1000 + schedule.everyMs;
  const zone = zoneOf(options.timeZone ?? schedule.embeddedZone ?? 'UTC');
  assert(zone !== null, 'the time zone of a schedule has been checked');
  const wallAt = (at: EpochMs): Date => new Date(at + zone.offsetAt(at));
  let at = (Math.floor(options.after / minuteMs) + 1) * minuteMs;
  const lastYear = wallAt(at).getUTCFullYear() + limits.cronSearchYearsMax;
  for (let step = 0; step < limits.cronSearchStepsMax; step += 1) {
    const wall = wallAt(at);
    if (wall.getUTCFullYear() > lastYear) return null;
    const minutes = minutesToSkip(schedule.fields, wall);
    if (minutes === 0) return at;
    at = skip(zone.offsetAt, at, minutes);
  }
  return null;
}

/** How far, on a wall clock without changes, the next time is that is worth looking at; 0: this one fires. */
function minutesToSkip(fields: CronFields, wall: Date): number {
  const toMidnight = DAY_MINUTES - (wall.getUTCHours() * 60 + wall.getUTCMinutes());
  if (!fields.months.has(wall.getUTCMonth() + 1)) {
    const daysInMonth = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
    return toMidnight + (daysInMonth - wall.getUTCDate()) * DAY_MINUTES;
  }
  if (!dayMatches(fields, wall)) return toMidnight;
  if (!fields.hours.has(wall.getUTCHours())) return 60 - wall.getUTCMinutes();
  return fields.minutes.has(wall.getUTCMinutes()) ? 0 : 1;
}

/** Where both name days, either is enough; where one is open, both must hold, which is the other. */
function dayMatches(fields: CronFields, wall: Date): boolean {
  const byDate = fields.daysOfMonth.has(wall.getUTCDate());
  const byWeekday = fields.daysOfWeek.has(wall.getUTCDay());
  return fields.dayRule === 'both' ? byDate && byWeekday : byDate || byWeekday;
}

/** Skips, but never past a change of the clock: towards one it goes by ever smaller steps. */
function skip(offsetAt: (at: EpochMs) => number, at: EpochMs, minutes: number): EpochMs {
  const offset = offsetAt(at);
  for (const step of [minutes, DAY_MINUTES, 60, 15]) {
    if (step > minutes) continue;
    const to = at + step * minuteMs;
    if (offsetAt(to) === offset) return to;
  }
  return at + minuteMs;
}

/**
 * The last time after `after` and not after `until`, however many were in between; null when there is none.
 * Firing is looked for by halves: there is a time after x up to `until` exactly while x is before the last one.
 */
export function latestTime(
  schedule: CronSchedule,
  options: { readonly after: EpochMs; readonly until: EpochMs; readonly timeZone: string | null },
): EpochMs | null {
  const { after, until, timeZone } = options;
  const next = (from: EpochMs): EpochMs | null => {
    const at = nextTime(schedule, { after: from, timeZone });
    return at !== null && at <= until ? at : null;
  };
  let latest = next(after);
  if (latest === null) return null;
  if (schedule.kind === 'every')
    return latest + Math.floor((until - latest) / schedule.everyMs) * schedule.everyMs;
  // Most often it is within the last hours; only a sparse schedule needs the whole span.
  latest = next(Math.max(latest, until - hourMs)) ?? latest;
  let none = until;
  while (none - latest > minuteMs) {
    const middle = Math.floor((latest + none) / 2);
    const later = next(middle);
    if (later === null) none = middle;
    else latest = later;
  }
  // What is left is one minute, and the schedule may fire at its very end.
  return next(latest) ?? latest;
}
