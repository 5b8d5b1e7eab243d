import test from 'ava';
import { hourMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { pauseAfter } from './pause-after.ts';

for (const { title, readingMs, pauseMs } of [
  { title: 'what is read at once', readingMs: 0, pauseMs: timings.metricScrapeMs },
  { title: 'what is read quickly', readingMs: timings.metricScrapeMs / 100, pauseMs: timings.metricScrapeMs },
  { title: 'what takes long', readingMs: 200, pauseMs: 20_000 },
  { title: 'a clock that was set forward', readingMs: hourMs, pauseMs: timings.metricRateWindowMs },
  { title: 'a clock that was set back', readingMs: -hourMs, pauseMs: timings.metricScrapeMs },
]) {
  test(`the pause between scrapes: ${title}`, (t) => t.is(pauseAfter(readingMs), pauseMs));
}
