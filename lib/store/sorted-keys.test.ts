import test from 'ava';
import fc from 'fast-check';
import { sortedKeys } from './sorted-keys.ts';

const key = fc.string({ unit: fc.constantFrom('/', 'a', 'b', 'c'), maxLength: 6 });

test('any adds and removes leave what a sorted set would hold', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), key), { maxLength: 300 }),
      key,
      key,
      (steps, prefix, after) => {
        const keys = sortedKeys();
        const model = new Set<string>();
        for (const [adds, item] of steps) {
          if (adds) keys.add(item);
          else keys.remove(item);
          if (adds) model.add(item);
          else model.delete(item);
        }
        const expected = [...model].filter((item) => item.startsWith(prefix)).sort();
        t.deepEqual([...keys.startingWith(prefix)], expected);
        t.deepEqual(
          [...keys.startingWith(prefix, after)],
          expected.filter((item) => item > after),
        );
        t.is(keys.size, model.size);
      },
    ),
  );
});

test('many keys in any order stay sorted across chunks', (t) => {
  const all = Array.from(
    { length: 3_000 },
    (_, at) => `/k/${((at * 7_919) % 3_000).toString().padStart(4, '0')}`,
  );
  const keys = sortedKeys();
  for (const item of all) keys.add(item);
  const expected = [...all].sort();
  t.deepEqual([...keys.startingWith('/k/')], expected);
  t.deepEqual(
    [...sortedKeys(expected).startingWith('/k/1')],
    expected.filter((item) => item.startsWith('/k/1')),
  );
});
