import test from 'ava';
import fc from 'fast-check';
import { tries } from '../testing/thoroughness.ts';
import { dependencyCycles } from './dependency-cycles.ts';

const table: readonly {
  readonly title: string;
  readonly edges: Readonly<Record<string, readonly string[]>>;
  readonly cycles: readonly (readonly string[])[];
}[] = [
  { title: 'a line has none', edges: { a: ['b'], b: ['c'], c: [] }, cycles: [] },
  { title: 'an edge to nowhere is none', edges: { a: ['b'] }, cycles: [] },
  { title: 'a node that leads to itself', edges: { a: ['a'] }, cycles: [['a']] },
  { title: 'two that lead to one another', edges: { b: ['a'], a: ['b'] }, cycles: [['a', 'b']] },
  {
    title: 'two ways to the same are none',
    edges: { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] },
    cycles: [],
  },
  {
    title: 'the shortest of a tangle, from its first node',
    edges: { a: ['b'], b: ['c'], c: ['d'], d: ['a', 'c'], x: ['a'] },
    cycles: [['a', 'b', 'c', 'd']],
  },
  {
    title: 'each tangle once',
    edges: { a: ['b'], b: ['a'], c: ['d', 'a'], d: ['c'] },
    cycles: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
];

for (const { title, edges, cycles } of table)
  test(title, (t) => {
    t.deepEqual(dependencyCycles(new Map(Object.entries(edges))), cycles);
  });

test('there is a circle exactly where taking away what waits for nothing leaves something', (t) => {
  const node = fc.integer({ min: 0, max: 7 }).map(String);
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 20 }), (pairs) => {
      const edges = new Map<string, string[]>();
      for (const [from, to] of pairs) {
        edges.set(from, [...(edges.get(from) ?? []), to]);
        if (!edges.has(to)) edges.set(to, []);
      }
      const left = new Map([...edges].map(([from, to]) => [from, new Set(to)]));
      for (let shrunk = true; shrunk; ) {
        shrunk = false;
        for (const [from, to] of left) {
          for (const each of to) if (!left.has(each)) to.delete(each);
          if (to.size === 0) shrunk = left.delete(from);
        }
      }
      const cycles = dependencyCycles(edges);
      t.is(cycles.length > 0, left.size > 0);
      for (const cycle of cycles)
        for (const [at, from] of cycle.entries()) {
          const to = cycle[(at + 1) % cycle.length] ?? '';
          t.true(edges.get(from)?.includes(to));
        }
    }),
    { numRuns: tries(200) },
  );
});

test('a line as long as a tree may be does not overflow anything', (t) => {
  const edges = new Map(Array.from({ length: 50_000 }, (_, at) => [String(at), [String(at + 1)]] as const));
  t.deepEqual(dependencyCycles(edges), []);
});
