import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { readCases } from '../testing/case-file.ts';
import { tries } from '../testing/thoroughness.ts';
import { type CronSchedule, isTimeZone, latestTime, nextTime, parseCronSchedule } from './cron-schedule.ts';

type Input = {
  readonly spec?: string;
  readonly time?: string;
  readonly schedule?: string;
  readonly creationTimestamp?: string;
  readonly lastScheduleTime?: string | null;
  readonly now?: string;
};
type Expected = {
  readonly fires?: boolean;
  readonly next?: string | null;
  readonly error?: boolean;
  readonly errorContains?: string;
  readonly earliestTime?: string;
  readonly mostRecentTime?: string | null;
  readonly scheduledTime?: string | null;
  readonly requeueAfterMs?: number;
};

const ZONES: Readonly<Record<string, string>> = { '+0530': 'Asia/Kolkata' };

/** `Mon Jul 9 15:00 2012` is UTC; `TZ=… 2012-03-11T01:00:00-0500` has an offset without colon. */
function at(text: string): number {
  const bare = text.replace(/^TZ=\S+ /, '').replace(/([+-][0-9]{2})([0-9]{2})$/, '$1:$2');
  return Date.parse(/^[0-9]/.test(bare) ? bare : `${bare} UTC`);
}

function zoneIn(text: string): string | null {
  return /^TZ=(\S+) /.exec(text)?.[1] ?? ZONES[text.slice(-5)] ?? null;
}

function read(text: string): CronSchedule {
  const schedule = parseCronSchedule(text);
  if ('error' in schedule) throw new Error(schedule.error);
  return schedule;
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
const same = (t: ExecutionContext, actual: number | null, expected: string | null | undefined): void =>
  void t.is(iso(actual), expected === null || expected === undefined ? null : iso(at(expected)));

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  activation(t, { spec = '', time = '' }, { fires = true }) {
    t.is(nextTime(read(spec), { after: at(time) - 60_000, timeZone: null }) === at(time), fires);
  },
  next(t, { spec = '', time = '' }, { next }) {
    same(t, nextTime(read(spec), { after: at(time), timeZone: zoneIn(time) }), next);
  },
  invalid(t, { spec = '' }) {
    t.true('error' in parseCronSchedule(spec));
  },
  'most-recent'(t, { schedule = '', now = '' }, { earliestTime = '', mostRecentTime }) {
    same(
      t,
      latestTime(read(schedule), { after: at(earliestTime), until: at(now), timeZone: null }),
      mostRecentTime,
    );
  },
  'next-schedule-time'(
    t,
    { schedule = '', now = '', lastScheduleTime, creationTimestamp = '' },
    { scheduledTime },
  ) {
    const after = at(lastScheduleTime ?? creationTimestamp);
    same(t, latestTime(read(schedule), { after, until: at(now), timeZone: null }), scheduledTime);
  },
  requeue(t, { schedule = '', now = '' }, { requeueAfterMs }) {
    const next = nextTime(read(schedule), { after: at(now), timeZone: null }) ?? 0;
    t.is<number, number>(next - at(now) + 100, requeueAfterMs ?? -1);
  },
};

/**
 * Upstream guesses the latest missed time from the distance of the first two, and finds none where a schedule is denser by
 * day than by night. The semantics say the most recent one runs: 12:30 of that day.
 */
const CONTRADICTING = 'another complex schedule';

for (const [number, { kind = '', name, input, expected, ...flags }] of readCases<Input, Expected>(
  'cronjob-schedule',
).entries()) {
  if (kind === 'most-recent' && name === CONTRADICTING) continue;
  // The order of finished Jobs is the CronJob controller's.
  if (kind === 'job-sort') continue;
  // Kubernetes has no field for seconds: cases that say `0` there are run without it, others mean nothing here.
  const seconds = 'seconds' in flags && flags.seconds === true && kind === 'next';
  const spec = seconds ? (input.spec ?? '').replace(/^((?:CRON_)?TZ=\S+ )?0 /, '$1') : input.spec;
  if (seconds && spec === input.spec) continue;
  test(`case ${number}: ${kind} ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, { ...input, ...(spec === undefined ? {} : { spec }) }, expected);
  });
}

test('the most recent time is the very end of what is searched, too', (t) => {
  // Halving the span must not end on the minute before: minute by minute over two hours, each end is itself.
  const after = at('2026-01-01T00:00:00Z');
  for (let minutes = 1; minutes <= 120; minutes += 1) {
    const until = after + minutes * 60_000;
    t.is(latestTime(read('* * * * *'), { after, until, timeZone: null }), until);
    t.is(latestTime(read('* * * * *'), { after, until: until + 59_999, timeZone: null }), until);
  }
});

test('the most recent time of a schedule with nights is found', (t) => {
  const options = { after: at('2016-05-19T10:30:00Z'), until: at('2016-05-20T16:30:00Z'), timeZone: null };
  same(t, latestTime(read('30 10,11,12 * * 1-5'), options), '2016-05-20T12:30:00Z');
});

const refused = [
  '',
  '* * *',
  '* * * * * *',
  'H * * * *',
  '* * L * *',
  '* * * * 7',
  '* * * * 5#2',
  '* * 15W * *',
  '*/0 * * * *',
  '5-1 * * * *',
  '1, * * * *',
  '-1 * * * *',
  '* * 0 * *',
  '* * * foo *',
  '@reboot',
  '@Hourly',
  '@every',
  '@every 1d',
  '@every .s',
  'TZ=Mars/Olympus * * * * *',
  'TZ=UTC',
  `* * * * ${'1,'.repeat(400)}1`,
];
for (const text of refused)
  test(`refused: ${JSON.stringify(text.slice(0, 40))}`, (t) => t.true('error' in parseCronSchedule(text)));

test('what overlaps is one value, and Mon/2 has no second Sunday', (t) => {
  const schedule = read('1,1,*/30 * * * Mon/2');
  if (schedule.kind !== 'fields') return t.fail();
  t.deepEqual(
    [...schedule.fields.minutes].sort((a, b) => a - b),
    [0, 1, 30],
  );
  t.deepEqual([...schedule.fields.daysOfWeek], [1, 3, 5]);
});

test('a zone in the schedule is flagged, and the CronJob’s own wins', (t) => {
  const schedule = read('CRON_TZ=Asia/Tokyo 0 9 * * *');
  t.is(schedule.embeddedZone, 'Asia/Tokyo');
  const after = at('2026-01-01T00:30:00Z');
  same(t, nextTime(schedule, { after, timeZone: null }), '2026-01-02T00:00:00Z');
  same(t, nextTime(schedule, { after, timeZone: 'UTC' }), '2026-01-01T09:00:00Z');
});

test('@every counts from the time before, in whole seconds', (t) => {
  const after = at('2026-01-01T00:00:00.700Z');
  same(t, nextTime(read('@every 1h30m'), { after, timeZone: null }), '2026-01-01T01:30:00Z');
  same(t, nextTime(read('@every 10ms'), { after, timeZone: null }), '2026-01-01T00:00:01Z');
});

test('a night without 2:30 is left out; every half hour goes on through it', (t) => {
  const berlin = 'Europe/Berlin';
  const after = at('2026-03-28T12:00:00Z');
  same(t, nextTime(read('30 2 * * *'), { after, timeZone: berlin }), '2026-03-30T00:30:00Z');
  same(
    t,
    nextTime(read('*/30 * * * *'), { after: at('2026-03-29T00:30:00Z'), timeZone: berlin }),
    '2026-03-29T01:00:00Z',
  );
});

test('the hour that comes twice fires twice, half-hour zones included', (t) => {
  const first = nextTime(read('45 1 * * *'), {
    after: at('2026-04-04T12:00:00Z'),
    timeZone: 'Australia/Lord_Howe',
  });
  same(t, first, '2026-04-04T14:45:00Z');
  same(
    t,
    nextTime(read('45 1 * * *'), { after: first ?? 0, timeZone: 'Australia/Lord_Howe' }),
    '2026-04-04T15:15:00Z',
  );
});

test('a day without midnight', (t) => {
  // Clocks in Beirut go from 0:00 to 1:00 on 29 March 2026.
  const options = { after: at('2026-03-28T12:00:00Z'), timeZone: 'Asia/Beirut' };
  same(t, nextTime(read('@daily'), options), '2026-03-29T21:00:00Z');
  same(t, nextTime(read('0 1 * * *'), options), '2026-03-28T22:00:00Z');
});

test('29 February is waited for, 30 February is given up', (t) => {
  const options = { after: at('2026-06-01T00:00:00Z'), timeZone: 'Europe/Berlin' };
  same(t, nextTime(read('0 0 29 2 *'), options), '2028-02-28T23:00:00Z');
  t.is(nextTime(read('0 0 30 2 *'), options), null);
  t.is(nextTime(read('* * 31 2,4,6,9,11 *'), options), null);
});

test('time zones are those of the database, as it spells them', (t) => {
  for (const name of [
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'US/Eastern',
    'Asia/Calcutta',
    'Etc/GMT+5',
  ])
    t.true(isTimeZone(name), name);
  for (const name of [
    '',
    'Local',
    'local',
    'europe/berlin',
    'Mars/Olympus',
    '+01:00',
    'Europe/../UTC',
    '../etc/passwd',
    'A'.repeat(100),
  ])
    t.false(isTimeZone(name), name);
});

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Beirut',
);
const field = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.integer({ min: 1, max: 20 }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const expressions = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
  .map((parts) => parts.join(' '));

/** Minute by minute, the way nobody would build it: what the wall clock says of each. */
function slowNext(expression: string, after: number, timeZone: string, days: number): number | null {
  const schedule = read(expression);
  if (schedule.kind !== 'fields') return null;
  const { fields } = schedule;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
  });
  for (let time = after + 60_000; time <= after + days * 86_400_000; time += 60_000) {
    const parts = Object.fromEntries(format.formatToParts(time).map((part) => [part.type, part.value]));
    const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts.weekday ?? '');
    const [byDate, byWeekday] = [fields.daysOfMonth.has(Number(parts.day)), fields.daysOfWeek.has(weekday)];
    const day = fields.dayRule === 'both' ? byDate && byWeekday : byDate || byWeekday;
    const hour = fields.hours.has(Number(parts.hour)) && fields.minutes.has(Number(parts.minute));
    if (day && hour && fields.months.has(Number(parts.month))) return time;
  }
  return null;
}

test('property: the next time is the first minute the wall clock shows it, around every change of the clock', (t) => {
  const changes = [
    '2026-03-08T06:00:00Z',
    '2026-03-28T20:00:00Z',
    '2026-04-04T12:00:00Z',
    '2026-10-03T13:00:00Z',
    '2026-10-24T22:00:00Z',
    '2026-11-01T04:00:00Z',
  ];
  fc.assert(
    fc.property(
      expressions,
      zones,
      fc.constantFrom(...changes),
      fc.integer({ min: 0, max: 500 }),
      (expression, timeZone, change, minutes) => {
        const after = at(change) + minutes * 60_000;
        const slow = slowNext(expression, after, timeZone, 1);
        const fast = nextTime(read(expression), { after, timeZone });
        if (slow !== null) t.is(iso(fast), iso(slow), expression);
        else t.true(fast === null || fast > after + 86_400_000, expression);
      },
    ),
    { numRuns: tries(60) },
  );
});

test('property: nothing fires between the latest time and the end', (t) => {
  fc.assert(
    fc.property(
      expressions,
      zones,
      fc.integer({ min: 1, max: 400 * 1440 }),
      (expression, timeZone, minutes) => {
        const schedule = read(expression);
        const after = at('2026-01-01T00:00:00Z');
        const until = after + minutes * 60_000;
        const latest = latestTime(schedule, { after, until, timeZone });
        const next = nextTime(schedule, { after: latest ?? after, timeZone });
        t.true(latest === null || (latest > after && latest <= until));
        t.true(next === null || next > until, expression);
        if (latest !== null) t.is(nextTime(schedule, { after: latest - 60_000, timeZone }), latest);
      },
    ),
    { numRuns: tries(60) },
  );
});
