import test from 'ava';
import fc from 'fast-check';
import { addressAt, nextIndex, parsePodRange } from './pod-address.ts';

test('a range has its addresses', (t) => {
  const range = parsePodRange('127.97.0.0/16');
  t.is(addressAt(range, 1), '127.97.0.1');
  t.is(addressAt(range, 256), '127.97.1.0');
  t.is(addressAt(range, range.size - 2), '127.97.255.254');
  t.is(addressAt(parsePodRange('10.1.2.99/24'), 1), '10.1.2.1');
  for (const text of [
    '',
    '127.97.0.0',
    '127.97.0.0/31',
    '127.97.0.0/7',
    '256.0.0.0/16',
    '::1/64',
    '1.2.3/24',
  ]) {
    t.throws(() => parsePodRange(text), { code: 'POD_RANGE_INVALID' }, text);
  }
});

test('addresses go round before one is given again, until none is left', (t) => {
  const range = parsePodRange('127.97.0.0/29');
  t.is(nextIndex(range, new Set(), 0), 1);
  t.is(nextIndex(range, new Set([1]), 2), 3);
  t.is(nextIndex(range, new Set([3]), 6), 1);
  t.is(nextIndex(range, new Set([1, 2, 3, 5, 6]), 6), 4);
  t.is(nextIndex(range, new Set([1, 2, 3, 4, 5, 6]), 3), null);
});

test('property: an address that is given is free and within the range', (t) => {
  const range = parsePodRange('127.97.0.0/28');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 14 })), fc.nat({ max: 14 }), (taken, last) => {
      const index = nextIndex(range, new Set(taken), last);
      if (index === null) return t.is(taken.length, 14);
      t.false(taken.includes(index));
      t.true(index >= 1 && index <= 14);
    }),
  );
});
