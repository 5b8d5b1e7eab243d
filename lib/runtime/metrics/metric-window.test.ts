import test from 'ava';
import { limits, timings } from '../../base/limits.ts';
import { MetricWindow } from './metric-window.ts';
import type { ScrapedSample } from './prometheus-text.ts';

const sample = (
  name: string,
  value: number,
  kind: ScrapedSample['kind'] = 'counter',
  labels: ScrapedSample['labels'] = [],
): ScrapedSample => ({ name, value, kind, labels });
const shown = (window: MetricWindow, now: number, name?: string): readonly string[] =>
  window.valuesOf('pod', { name, now }).map((each) => `${each.name} ${each.value} ${each.windowMs}`);

test('a gauge is as it was told last, a counter is a rate once it was told twice', (t) => {
  const window = new MetricWindow();
  window.take('pod', [sample('a_total', 100), sample('b', 7, 'gauge')], 1_000);
  t.deepEqual(shown(window, 1_000), ['b 7 0']);
  window.take('pod', [sample('a_total', 150), sample('b', 8, 'gauge')], 6_000);
  t.deepEqual(shown(window, 6_000), ['a_per_second 10 5000', 'b 8 0']);
  t.deepEqual(shown(window, 6_000, 'b'), ['b 8 0']);
});

test('a rate is taken over the window, and looks before it are forgotten', (t) => {
  const window = new MetricWindow();
  const step = 10_000;
  const values = [0, 1_000, 1_100, 1_200, 1_300];
  for (const [at, value] of values.entries()) window.take('pod', [sample('a', value)], at * step);
  t.is(timings.metricRateWindowMs, 30_000);
  t.deepEqual(shown(window, 4 * step), ['a_per_second 10 30000']);
});

test('a counter that begins anew counts from there', (t) => {
  const window = new MetricWindow();
  for (const [at, value] of [100, 110, 5, 15].entries()) window.take('pod', [sample('a', value)], at * 1_000);
  t.deepEqual(shown(window, 3_000), [`a_per_second ${25 / 3} 3000`]);
});

test('labels part what has one name, a gauge counts before the rate of its name, and what is no number is left out', (t) => {
  const window = new MetricWindow();
  const look = (value: number): readonly ScrapedSample[] => [
    sample('hits_total', value, 'counter', [['code', '200']]),
    sample('hits_total', 2 * value, 'counter', [['code', '500']]),
    sample('odd_total', value),
    sample('odd_per_second', 3, 'gauge'),
    sample('never', Number.NaN, 'gauge'),
    sample('ever', Number.POSITIVE_INFINITY, 'gauge'),
  ];
  window.take('pod', look(0), 0);
  window.take('pod', look(10), 1_000);
  const values = window.valuesOf('pod', { name: undefined, now: 1_000 });
  t.deepEqual(
    values.map(({ name, labels, value }) => [name, { ...labels }, value]),
    [
      ['hits_per_second', { code: '200' }, 10],
      ['hits_per_second', { code: '500' }, 20],
      ['odd_per_second', {}, 3],
    ],
  );
});

test('what is not told any more goes, what is old does not count, and a pod can be forgotten', (t) => {
  const window = new MetricWindow();
  window.take('pod', [sample('a', 1, 'gauge'), sample('b', 1, 'gauge')], 0);
  window.take('pod', [sample('a', 1, 'gauge')], 1_000);
  t.deepEqual(shown(window, 1_000), ['a 1 0']);
  t.deepEqual(shown(window, 1_001 + timings.metricStaleMs), []);
  window.forget('pod');
  t.deepEqual(shown(window, 1_000), []);
});

test('there is room for so many values and no more, and what a pod leaves is free again', (t) => {
  const window = new MetricWindow();
  const many = Array.from({ length: limits.metricSeriesPerNodeMax }, (_, at) => sample(`a${at}`, 1, 'gauge'));
  t.is(window.take('pod', many, 0), 0);
  t.is(window.take('pod', many, 1), 0, 'the same ones need no more room');
  t.is(window.take('other', [sample('b', 1, 'gauge')], 1), 1);
  window.forget('pod');
  t.is(window.take('other', [sample('b', 1, 'gauge')], 2), 0);
});

test('long labels are bounded for the node together, and what goes makes room', (t) => {
  const window = new MetricWindow();
  const long = 'x'.repeat(limits.metricCharsPerNodeMax / 4);
  const samples = ['a', 'b'].map((name) => sample(name, 1, 'gauge', [['label', long]]));
  for (let each = 0; each < 3; each += 1)
    t.is(window.take('pod', samples, each), 0, 'it takes its own place anew');
  t.is(window.take('other', samples, 3), 1);
  window.forget('pod');
  t.is(window.take('other', samples, 4), 0);
  t.is(window.take('other', [], 5), 0);
  t.is(window.take('pod', samples, 6), 0);
});

test('what is beyond all measure is left out: added up it would be infinite', (t) => {
  const window = new MetricWindow();
  const values = [1.7e308, -1.7e308, limits.metricValueMax, -limits.metricValueMax];
  const samples = values.map((value, at) => sample(`m${at}`, value, 'gauge'));
  window.take('pod', samples, 1);
  t.deepEqual(shown(window, 1), [`m2 ${limits.metricValueMax} 0`, `m3 ${-limits.metricValueMax} 0`]);
});
