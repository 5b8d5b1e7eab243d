import { CronExpressionParser } from 'cron-parser';
import { messageOf } from '../base/errors.ts';
import type { CronFields } from './cron-schedule.ts';

type FieldRule = {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const RULES = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  // Kubernetes takes no 7 for Sunday.
  { name: 'day of week', min: 0, max: 6, names: DAYS },
] as const satisfies readonly FieldRule[];

const PART = /^(?:([*?])|([0-9]{1,4}|[A-Za-z]{3})(?:-([0-9]{1,4}|[A-Za-z]{3}))?)(?:\/([0-9]{1,4}))?$/;

/** One field: its parts as the parser takes them, and whether it says nothing (`*`, `?`, with no step). */
type ReadField = { readonly parts: readonly string[]; readonly open: boolean };

/**
 * Five fields → the values they take. The text is checked here first, because cron-parser takes more than Kubernetes does
 * (fewer fields, `L`, `H`, a 7 in the week), and each part is handed over on its own and with both its ends, because it
 * refuses parts that overlap and lets `MON/2` run on to a second Sunday.
 */
export function cronFields(expression: string): CronFields | { readonly error: string } {
  const texts = expression.split(/\s+/).filter((text) => text !== '');
  if (texts.length !== RULES.length)
    return {
      error: `a schedule has five fields (minute, hour, day, month, weekday), this one has ${texts.length}`,
    };
  const read: ReadField[] = [];
  for (const [at, rule] of RULES.entries()) {
    const field = readField(texts[at] ?? '', rule);
    if ('error' in field) return field;
    read.push(field);
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = read;
  try {
    return {
      minutes: valuesOf(minute, 'minute'),
      hours: valuesOf(hour, 'hour'),
      daysOfMonth: valuesOf(dayOfMonth, 'dayOfMonth'),
      months: valuesOf(month, 'month'),
      daysOfWeek: valuesOf(dayOfWeek, 'dayOfWeek'),
      dayRule: dayOfMonth?.open === true || dayOfWeek?.open === true ? 'both' : 'either',
    };
  } catch (thrown) {
    return { error: messageOf(thrown) };
  }
}

function readField(text: string, rule: FieldRule): ReadField | { readonly error: string } {
  const wrong = (why: string): { readonly error: string } => ({ error: `${rule.name} \`${text}\`: ${why}` });
  const parts = new Set<string>();
  let open = false;
  for (const part of text.split(',')) {
    const match = PART.exec(part);
    if (match === null) return wrong('it is not a value, a range, `*` or `?`, with or without a step');
    const [, star, first = '', last, step] = match;
    const from = star === undefined ? readValue(first, rule) : rule.min;
    // `5/15` runs from 5 to the end, a bare `5` is only itself.
    const to =
      last !== undefined ? readValue(last, rule) : star !== undefined || step !== undefined ? rule.max : from;
    if (from === null || to === null) return wrong(`values are ${rule.min} to ${rule.max}${nameHint(rule)}`);
    if (from > to) return wrong('a range begins before it ends');
    const every = Number(step ?? 1);
    if (every === 0) return wrong('a step is 1 or more');
    open ||= star !== undefined && every === 1;
    parts.add(from === to ? `${from}` : `${from}-${to}/${every}`);
  }
  return { parts: [...parts], open };
}

function readValue(text: string, rule: FieldRule): number | null {
  const named = rule.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + rule.min;
  if (!/^[0-9]+$/.test(text)) return null;
  const value = Number(text);
  return value >= rule.min && value <= rule.max ? value : null;
}

const nameHint = (rule: FieldRule): string =>
  rule.names.length === 0
    ? ''
    : `, or ${rule.names[0]?.toUpperCase()} to ${rule.names.at(-1)?.toUpperCase()}`;

const PLACES = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

function valuesOf(field: ReadField | undefined, name: (typeof PLACES)[number]): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of field?.parts ?? []) {
    const { fields } = CronExpressionParser.parse(
      PLACES.map((place) => (place === name ? part : '*')).join(' '),
    );
    for (const value of fields[name].values) if (typeof value === 'number') values.add(value);
  }
  return values;
}
