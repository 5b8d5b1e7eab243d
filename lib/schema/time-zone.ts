import type { DurationMs, EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

/** Every part begins with a capital: ICU reads `europe/berlin` too, but Kubernetes' host does not have that file. */
const SHAPE = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*){0,2}$/;

type Zone = { readonly offsetAt: (at: EpochMs) => DurationMs };

const UTC: Zone = { offsetAt: () => 0 };
const known = new Map<string, Zone | null>([['UTC', UTC]]);

/** Whether it names a zone of the IANA database (`Europe/Berlin`, `Etc/UTC`). `Local` is none: it says nothing. */
export function isTimeZone(name: string): boolean {
  return zoneOf(name) !== null;
}

/** What to add to UTC to get the wall clock; null when there is no such zone. */
export function zoneOf(name: string): Zone | null {
  if (name.length > limits.timeZoneCharsMax || !SHAPE.test(name) || name === 'Local') return null;
  let zone = known.get(name);
  if (zone === undefined) {
    zone = readZone(name);
    // Bounded, though names come from manifests: zones that exist are few, and others are not kept.
    if (zone !== null && known.size < limits.timeZonesKnownMax) known.set(name, zone);
  }
  return zone;
}

function readZone(timeZone: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset', year: 'numeric' });
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
  return { offsetAt: (at) => offsetIn(format.format(at)) };
}

/** `2026, GMT+05:30` → 19,800,000; `2026, GMT` → 0. */
function offsetIn(text: string): DurationMs {
  const match = /GMT([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?/.exec(text);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const offsetMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -offsetMs : offsetMs;
}
