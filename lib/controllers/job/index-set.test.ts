import test from 'ava';
import fc from 'fast-check';
import { tries } from '../../testing/thoroughness.ts';
import {
  countOf,
  firstFree,
  formatIndexes,
  hasIndex,
  indexSet,
  intersection,
  parseIndexes,
  union,
} from './index-set.ts';

const rows = [
  { title: 'nothing', indexes: [], text: '' },
  { title: 'one', indexes: [3], text: '3' },
  { title: 'two that follow one another have no dash', indexes: [4, 5], text: '4,5' },
  { title: 'three that follow one another do', indexes: [4, 5, 6], text: '4-6' },
  { title: 'order and doubles do not matter', indexes: [7, 1, 5, 3, 4, 7], text: '1,3-5,7' },
];
for (const { title, indexes, text } of rows) {
  test(`indexes as text: ${title}`, (t) => {
    t.is(formatIndexes(indexSet(indexes)), text);
    t.deepEqual(parseIndexes(text, 100), indexSet(indexes));
  });
}

test('what is no interval is left out, what is too high is cut off', (t) => {
  t.is(formatIndexes(parseIndexes('a,-1,2-,3-1,5-9,99999999999,12', 8)), '5-7');
});

const some = fc.uniqueArray(fc.nat(60), { maxLength: 40 });

test('property: sets of intervals are sets', (t) => {
  fc.assert(
    fc.property(some, some, fc.nat(40), (a, b, count) => {
      const [setA, setB] = [indexSet(a), indexSet(b)];
      const inB = new Set(b);
      t.is(countOf(setA), a.length);
      t.deepEqual(parseIndexes(formatIndexes(setA), 61), setA);
      t.deepEqual(union(setA, setB), indexSet([...a, ...b]));
      const both = a.filter((index) => inB.has(index));
      t.is(countOf(intersection(setA, setB)), both.length);
      for (let index = 0; index <= 61; index += 1) t.is(hasIndex(setB, index), inB.has(index));
      const free = Array.from({ length: 50 }, (_, index) => index).filter((index) => !inB.has(index));
      t.deepEqual(firstFree(setB, { count, completions: 50 }), free.slice(0, count));
    }),
    { numRuns: tries(100) },
  );
});
