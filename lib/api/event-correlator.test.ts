import test from 'ava';
import { minuteMs } from '../base/clock.ts';
import { eventCorrelator, type Report } from './event-correlator.ts';

const report = (message: string, name = 'web'): Report => ({
  component: 'test',
  object: { kind: 'Pod', namespace: 'default', name, uid: name },
  type: 'Normal',
  reason: 'Pulled',
  message,
});

test('an event that is told again is counted', (t) => {
  const correlator = eventCorrelator();
  const first = correlator.correlate(report('image there'), 0);
  t.is(first.do, 'create');
  if (first.do === 'create') correlator.created(first.key, 'web.1');
  t.like(correlator.correlate(report('image there'), 1_000), { do: 'count', name: 'web.1', count: 2 });
  t.like(correlator.correlate(report('image there'), 2_000), { do: 'count', name: 'web.1', count: 3 });
});

test('the tenth alike but for its message, and all after it, are one combined event', (t) => {
  const correlator = eventCorrelator();
  const messages = Array.from({ length: 12 }, (_, at) => {
    const next = correlator.correlate(report(`try ${at}`), at);
    if (next.do === 'create') correlator.created(next.key, `web.${at}`);
    return next.do === 'drop' ? 'dropped' : `${next.do} ${next.message}`;
  });
  t.deepEqual(messages.slice(8), [
    'create try 8',
    'create (combined from similar events): try 9',
    'count (combined from similar events): try 10',
    'count (combined from similar events): try 11',
  ]);
});

test('alike but more than ten minutes apart is not combined', (t) => {
  const correlator = eventCorrelator();
  for (let at = 0; at < 30; at += 1) {
    const next = correlator.correlate(report(`try ${at}`), at * 11 * minuteMs);
    t.like(next, { do: 'create', message: `try ${at}` });
  }
});

test('25 at once about one object, then one in five minutes; another object has its own', (t) => {
  const correlator = eventCorrelator();
  const told = (at: number, name?: string): boolean =>
    correlator.correlate(report('again', name), at).do !== 'drop';
  const burst = Array.from({ length: 40 }, () => told(0)).filter(Boolean);
  t.is(burst.length, 25);
  t.true(told(0, 'other'));
  t.false(told(4 * minuteMs));
  t.true(told(6 * minuteMs));
  t.false(told(7 * minuteMs));
});
