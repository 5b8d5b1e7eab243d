import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/limits.ts';
import { tries } from '../../testing/thoroughness.ts';
import { readPrometheusText, type ScrapedSample } from './prometheus-text.ts';

const shown = ({ name, labels, value, kind }: ScrapedSample): string =>
  `${kind} ${name}${labels.map(([label, text]) => `;${label}=${text}`).join('')} ${value}`;

const good: readonly {
  readonly title: string;
  readonly text: string;
  readonly samples: readonly string[];
}[] = [
  { title: 'nothing', text: '', samples: [] },
  { title: 'a bare value', text: 'up 1', samples: ['gauge up 1'] },
  {
    title: 'types, help, blank lines and comments',
    text: '# HELP a The "a".\n# TYPE a counter\n\n#\n# anything\na 3\n# TYPE b gauge\nb -1.5\n',
    samples: ['counter a 3', 'gauge b -1.5'],
  },
  {
    title: 'labels, sorted, with escapes and a comma at their end',
    text: 'a{z="1",b="x\\n\\"\\\\y",} 2 1700000000000',
    samples: ['gauge a;b=x\n"\\y;z=1 2'],
  },
  {
    title: 'blanks where they may stand',
    text: ' a { b = "c" , d = "" }\t7 ',
    samples: ['gauge a;b=c;d= 7'],
  },
  {
    title: 'a label named as a part of every object',
    text: 'a{__proto__="x"} 1',
    samples: ['gauge a;__proto__=x 1'],
  },
  {
    title: 'exponents and what is no number',
    text: 'a 1.5e3\nb 2E-2\nc NaN\nd +Inf\ne -Inf\nf .5\ng 5.\n',
    samples: [
      'gauge a 1500',
      'gauge b 0.02',
      'gauge c NaN',
      'gauge d Infinity',
      'gauge e -Infinity',
      'gauge f 0.5',
      'gauge g 5',
    ],
  },
  {
    title: 'a counter by its name alone',
    text: 'a_total 2\nb_count 3',
    samples: ['counter a_total 2', 'gauge b_count 3'],
  },
  {
    title: 'a type said of the name without _total',
    text: '# TYPE a counter\na_total 2',
    samples: ['counter a_total 2'],
  },
  {
    title: 'a gauge though its name says otherwise',
    text: '# TYPE a_total gauge\na_total 2',
    samples: ['gauge a_total 2'],
  },
  {
    title: 'a histogram: its sum and count',
    text: '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4.5\nh_count 3',
    samples: ['counter h_sum 4.5', 'counter h_count 3'],
  },
  {
    title: 'a summary: its sum and count',
    text: '# TYPE s summary\ns{quantile="0.5"} 2\ns_sum 4\ns_count 3',
    samples: ['counter s_sum 4', 'counter s_count 3'],
  },
  { title: 'lines as on Windows', text: '# TYPE a counter\r\na 1\r\n', samples: ['counter a 1'] },
];

for (const { title, text, samples } of good)
  test(`read: ${title}`, (t) => {
    const read = readPrometheusText(text);
    t.true(read.ok, JSON.stringify(read));
    if (read.ok) t.deepEqual(read.samples.map(shown), samples);
  });

const bad: readonly { readonly title: string; readonly text: string; readonly line: number }[] = [
  { title: 'no value', text: 'a 1\nb', line: 2 },
  { title: 'a value that is no number', text: 'a one', line: 1 },
  { title: 'a hexadecimal value', text: 'a 0x1F', line: 1 },
  { title: 'two values', text: 'a 1 2 3', line: 1 },
  { title: 'a time that is none', text: 'a 1 soon', line: 1 },
  { title: 'a name that is none', text: '1a 1', line: 1 },
  { title: 'a label without quotes', text: 'a{b=c} 1', line: 1 },
  { title: 'a label twice', text: 'a{b="1",b="2"} 1', line: 1 },
  { title: 'labels that do not end', text: 'a{b="1"', line: 1 },
  { title: 'a quote that does not end', text: 'a{b="1} 1', line: 1 },
  {
    title: 'more types than values there may be',
    text: Array.from({ length: limits.metricSamplesPerScrapeMax + 1 }, (_, at) => `# TYPE m${at} gauge`).join(
      '\n',
    ),
    line: limits.metricSamplesPerScrapeMax + 1,
  },
  { title: 'a backslash at the end', text: 'a{b="\\', line: 1 },
  { title: 'an escape that means nothing', text: 'a{b="\\x"} 1', line: 1 },
  { title: 'an unknown type', text: '\n# TYPE a speed', line: 2 },
  { title: 'a type twice', text: '# TYPE a counter\n# TYPE a gauge', line: 2 },
  { title: 'a page', text: '<!doctype html>\n<p>', line: 1 },
  { title: 'a line that is too long', text: `a{b="${'x'.repeat(limits.metricLineCharsMax)}"} 1`, line: 1 },
  {
    title: 'more labels than are read',
    text: `a{${Array.from({ length: limits.metricLabelsMax + 1 }, (_, at) => `l${at}="x"`).join(',')}} 1`,
    line: 1,
  },
  {
    title: 'more values than are read',
    text: Array.from({ length: limits.metricSamplesPerScrapeMax + 1 }, (_, at) => `a{n="${at}"} 1`).join(
      '\n',
    ),
    line: limits.metricSamplesPerScrapeMax + 1,
  },
];

for (const { title, text, line } of bad)
  test(`refused with its line: ${title}`, (t) => {
    const read = readPrometheusText(text);
    t.false(read.ok);
    if (!read.ok) t.is(read.line, line);
  });

test('what is written is what is read, whatever the labels hold', (t) => {
  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
  const labels = fc.dictionary(name, fc.string({ unit: 'binary' }), { maxKeys: 5 });
  const escaped = (text: string): string =>
    text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
  fc.assert(
    fc.property(name, labels, fc.double(), (metric, given, value) => {
      const inside = Object.entries(given).map(([label, text]) => `${label}="${escaped(text)}"`);
      const read = readPrometheusText(`${metric}{${inside.join(',')}} ${String(value)}\n`);
      t.true(read.ok, JSON.stringify(read));
      if (!read.ok) return;
      t.is(read.samples[0]?.value, Object.is(value, -0) ? 0 : value);
      const sorted = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
      t.deepEqual(read.samples[0]?.labels, sorted);
    }),
    { numRuns: tries(200) },
  );
});

test('any text at all is read or refused', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      t.is(typeof readPrometheusText(text).ok, 'boolean');
    }),
    { numRuns: tries(200) },
  );
});
