import { type DurationMs, type EpochMs, fromRfc3339, hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import type { JsonValue } from '../../base/json.ts';

const DAY_HOURS = 24;
const YEAR_DAYS = 365;

/** `5m10s`, `3d4h`, `2y100d`: two units at most, one where the smaller says little. Source: apimachinery duration.HumanDuration. */
export function humanDuration(span: DurationMs): string {
  const seconds = Math.trunc(span / secondMs);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(span / minuteMs);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(span / hourMs);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / DAY_HOURS);
  if (days < 8) return two(days, 'd', hours % DAY_HOURS, 'h');
  if (days < 2 * YEAR_DAYS) return `${days}d`;
  const years = Math.trunc(days / YEAR_DAYS);
  return years < 8 ? two(years, 'y', days % YEAR_DAYS, 'd') : `${years}y`;
}

function two(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`;
}

/** How long ago a time of an object was; `<unknown>` when there is none. */
export function since(time: JsonValue | undefined, now: EpochMs): string {
  const at = typeof time === 'string' ? fromRfc3339(time) : null;
  return at === null ? '<unknown>' : humanDuration(now - at);
}
