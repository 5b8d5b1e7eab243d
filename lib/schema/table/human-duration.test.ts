import test from 'ava';
import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { humanDuration, since } from './human-duration.ts';

const day = 24 * hourMs;
const year = 365 * day;
const rows: readonly { span: number; text: string }[] = [
  { span: -3 * secondMs, text: '<invalid>' },
  { span: -1 * secondMs, text: '0s' },
  { span: 0, text: '0s' },
  { span: 999, text: '0s' },
  { span: 119 * secondMs, text: '119s' },
  { span: 2 * minuteMs, text: '2m' },
  { span: 2 * minuteMs + secondMs, text: '2m1s' },
  { span: 9 * minuteMs + 59 * secondMs, text: '9m59s' },
  { span: 10 * minuteMs + 59 * secondMs, text: '10m' },
  { span: 179 * minuteMs, text: '179m' },
  { span: 3 * hourMs, text: '3h' },
  { span: 3 * hourMs + 5 * minuteMs, text: '3h5m' },
  { span: 8 * hourMs + 59 * minuteMs, text: '8h' },
  { span: 47 * hourMs, text: '47h' },
  { span: 2 * day, text: '2d' },
  { span: 2 * day + hourMs, text: '2d1h' },
  { span: 7 * day + 23 * hourMs, text: '7d23h' },
  { span: 8 * day + 23 * hourMs, text: '8d' },
  { span: 2 * year - hourMs, text: '729d' },
  { span: 2 * year, text: '2y' },
  { span: 2 * year + day, text: '2y1d' },
  { span: 7 * year + 364 * day, text: '7y364d' },
  { span: 8 * year + 100 * day, text: '8y' },
];
for (const { span, text } of rows)
  test(`${span} ms is ${text}`, (t) => {
    t.is(humanDuration(span), text);
  });

test('a time that is not there is unknown', (t) => {
  const now = Date.parse('2026-01-01T00:05:00Z');
  t.is(since('2026-01-01T00:00:00Z', now), '5m');
  t.is(since(undefined, now), '<unknown>');
  t.is(since(null, now), '<unknown>');
  t.is(since('yesterday', now), '<unknown>');
});
