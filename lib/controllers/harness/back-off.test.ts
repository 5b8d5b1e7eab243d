import test from 'ava';
import { backOffMs } from './back-off.ts';

const rows = [
  { failures: 1, expected: 5 },
  { failures: 2, expected: 10 },
  { failures: 5, expected: 80 },
  { failures: 18, expected: 655_360 },
  { failures: 19, expected: 1_000_000 },
  { failures: 5_000, expected: 1_000_000 },
];
for (const { failures, expected } of rows) {
  test(`after ${failures} failures the next try is ${expected} ms away`, (t) => {
    t.is(backOffMs(failures), expected);
  });
}
