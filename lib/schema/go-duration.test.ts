import test from 'ava';
import { parseGoDuration } from './go-duration.ts';

for (const { text, durationMs } of [
  { text: '1h30m', durationMs: 5_400_000 },
  { text: '1.5h', durationMs: 5_400_000 },
  { text: '.5s', durationMs: 500 },
  { text: '1.s', durationMs: 1000 },
  { text: '-10ms', durationMs: -10 },
  { text: '0', durationMs: 0 },
  { text: '10', durationMs: null },
  { text: 'ms', durationMs: null },
  { text: '1h m', durationMs: null },
  { text: '.s', durationMs: null },
  { text: '1..5s', durationMs: null },
]) {
  test(`${text} is ${durationMs === null ? 'no duration' : `${durationMs} ms`}`, (t) =>
    t.is(parseGoDuration(text), durationMs));
}

test('no text takes long', (t) => {
  for (const unit of ['ms', '1ms', '1', '1.', 'µs', 'm']) {
    const text = `${unit.repeat(Math.floor(120 / unit.length))}x`;
    const startedAt = process.hrtime.bigint();
    t.is(parseGoDuration(text), null);
    t.true(process.hrtime.bigint() - startedAt < 1_000_000_000n, unit);
  }
});
