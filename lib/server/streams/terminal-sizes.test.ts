import test from 'ava';
import { limits } from '../../base/limits.ts';
import { terminalSizes } from './terminal-sizes.ts';

const rows = [
  { title: 'one', chunks: ['{"Width":80,"Height":24}'], sizes: ['80x24'] },
  {
    title: 'one with a newline, as kubectl writes over SPDY',
    chunks: ['{"Width":80,"Height":24}\n'],
    sizes: ['80x24'],
  },
  { title: 'in lower case, as others write', chunks: ['{"height":24,"width":80}'], sizes: ['80x24'] },
  {
    title: 'two at once',
    chunks: ['{"Width":1,"Height":2}\n{"Width":3,"Height":4}\n'],
    sizes: ['1x2', '3x4'],
  },
  { title: 'one in pieces', chunks: ['{"Wid', 'th":80,"Hei', 'ght":24}'], sizes: ['80x24'] },
  { title: 'a size of nothing', chunks: ['{"Width":0,"Height":24}'], sizes: [] },
  {
    title: 'sizes that are none',
    chunks: ['{"Width":80}{"Width":"a","Height":1}{"Width":1.5,"Height":70000}'],
    sizes: [],
  },
  { title: 'noise, then one', chunks: ['}}{{}}', '{"Width":5,"Height":6}'], sizes: ['5x6'] },
  {
    title: 'endless noise, then one',
    chunks: ['x'.repeat(100_000), '}', '{"Width":5,"Height":6}'],
    sizes: ['5x6'],
  },
];

for (const { title, chunks, sizes } of rows) {
  test(`sizes of a terminal: ${title}`, (t) => {
    const read = terminalSizes();
    const seen = chunks.flatMap((chunk) => read(Buffer.from(chunk)));
    t.deepEqual(
      seen.map(({ columns, rows }) => `${columns}x${rows}`),
      sizes,
    );
    t.true(limits.terminalSizeCharsMax < 1_000);
  });
}
