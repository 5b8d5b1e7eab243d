import { limits } from '../../base/limits.ts';

/** One value of a scrape. */
export type ScrapedSample = {
  readonly name: string;
  /** Sorted by name. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** What it says may be no number. */
  readonly value: number;
  /** Counters only grow, and begin anew with their program. */
  readonly kind: 'counter' | 'gauge';
};

export type ScrapedText =
  | { readonly ok: true; readonly samples: readonly ScrapedSample[] }
  /** The whole text is refused for one line of it, as Prometheus does: half a scrape would look like a drop. */
  | { readonly ok: false; readonly line: number; readonly why: string };

const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
type MetricType = (typeof types)[number];

/**
 * Reads what a program says at its metrics endpoint, in the text format of Prometheus 0.0.4. Buckets of histograms and quantiles of
 * summaries are checked and left out: what they say cannot be summed over pods. Linear in the length of the text.
 */
export function readPrometheusText(text: string): ScrapedText {
  const declared = new Map<string, MetricType>();
  const samples: ScrapedSample[] = [];
  let line = 0;
  let read = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    line += 1;
    // Some programs end their lines as on Windows.
    const row = text.slice(from, to).replace(/\r$/, '');
    from = to + 1;
    if (row.trim() === '') continue;
    if (row.startsWith('#')) {
      const why = readComment(row, declared);
      if (why !== null) return { ok: false, line, why };
      continue;
    }
    const sample = new Row(row).sample();
    if (typeof sample === 'string') return { ok: false, line, why: sample };
    read += 1;
    if (read > limits.metricSamplesPerScrapeMax)
      return { ok: false, line, why: `there are more than ${limits.metricSamplesPerScrapeMax} values` };
    const kind = kindOf(sample, declared);
    if (kind !== null) samples.push({ ...sample, kind });
  }
  return { ok: true, samples };
}

/** `# TYPE name counter`; all other comments are anything. Answers what is wrong. */
function readComment(row: string, declared: Map<string, MetricType>): string | null {
  const words = row
    .slice(1, limits.metricLineCharsMax)
    .trim()
    .split(/[ \t]+/);
  const [word, name = '', said] = words;
  if (word !== 'TYPE') return null;
  if (!isName(name, true)) return `${JSON.stringify(name)} is no name of a metric`;
  const type = types.find((each) => each === said);
  // A type that came later than this format.
  if (type === undefined && (said === 'unknown' || said === 'info' || said === 'stateset')) return null;
  if (type === undefined || words.length > 3)
    return 'a TYPE is counter, gauge, histogram, summary or untyped';
  if (declared.has(name)) return `the type of ${name} is said twice`;
  if (declared.size >= limits.metricSamplesPerScrapeMax)
    return `there are more than ${limits.metricSamplesPerScrapeMax} types`;
  declared.set(name, type);
  return null;
}

type Unkinded = Omit<ScrapedSample, 'kind'>;

/** null: a part of a distribution. What says nothing of itself is a counter if it is called one. */
function kindOf(
  { name, labels }: Unkinded,
  declared: ReadonlyMap<string, MetricType>,
): ScrapedSample['kind'] | null {
  const own = declared.get(name);
  if (own === 'counter' || own === 'gauge') return own;
  if (own === 'summary') return labels.some(([label]) => label === 'quantile') ? null : 'gauge';
  const suffix = /_(total|count|sum|bucket)$/.exec(name);
  if (suffix === null) return 'gauge';
  const family = declared.get(name.slice(0, suffix.index));
  if (suffix[1] === 'bucket') return family === 'histogram' ? null : 'gauge';
  if (suffix[1] === 'total')
    return own === undefined && (family === undefined || family === 'counter') ? 'counter' : 'gauge';
  return family === 'histogram' || family === 'summary' ? 'counter' : 'gauge';
}

/** One line that holds a value: `name{label="value"} 1.5 1700000000000`. */
class Row {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What is wrong with it, or what it says. */
  sample(): Unkinded | string {
    if (this.#text.length > limits.metricLineCharsMax) return 'the line is too long';
    this.#blanks();
    const name = this.#word(/[{ \t]/);
    if (!isName(name, true)) return `${JSON.stringify(name.slice(0, 80))} is no name of a metric`;
    this.#blanks();
    const labels = this.#text[this.#at] === '{' ? this.#labels() : [];
    if (typeof labels === 'string') return labels;
    this.#blanks();
    const value = numberOf(this.#word(/[ \t]/));
    if (value === null) return 'its value is no number';
    this.#blanks();
    const time = this.#word(/[ \t]/);
    this.#blanks();
    if (!/^(?:[+-]?[0-9]{1,18})?$/.test(time) || this.#at < this.#text.length)
      return 'after its value stands what is no time';
    return { name, labels: [...labels].sort(([a], [b]) => (a < b ? -1 : 1)), value };
  }

  #labels(): readonly (readonly [string, string])[] | string {
    const labels = new Map<string, string>();
    this.#at += 1;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === '}') {
        this.#at += 1;
        return [...labels];
      }
      const name = this.#word(/[ \t=]/);
      if (!isName(name, false)) return `${JSON.stringify(name.slice(0, 80))} is no name of a label`;
      if (labels.has(name)) return `the label ${name} stands twice`;
      if (labels.size >= limits.metricLabelsMax)
        return `there are more than ${limits.metricLabelsMax} labels`;
      this.#blanks();
      if (this.#text[this.#at] !== '=') return `after the label ${name} there is no =`;
      this.#at += 1;
      this.#blanks();
      const value = this.#quoted();
      if (value === null) return `the value of the label ${name} is not quoted as it should be`;
      labels.set(name, value);
      this.#blanks();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== '}') return `after the label ${name} there is neither , nor }`;
    }
  }

  /** null: it does not end, or says \ before what nothing is meant by. */
  #quoted(): string | null {
    if (this.#text[this.#at] !== '"') return null;
    let value = '';
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return value + this.#text.slice(from, at);
      }
      if (code !== BACKSLASH) continue;
      const meant = ESCAPED.get(this.#text[at + 1] ?? '');
      if (meant === undefined) return null;
      value += this.#text.slice(from, at) + meant;
      at += 1;
      from = at + 1;
    }
    return null;
  }

  #word(end: RegExp): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !end.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #blanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['"', '"'],
  ['\\', '\\'],
]);

function isName(text: string, colons: boolean): boolean {
  if (text.length > limits.metricNameCharsMax) return false;
  return colons ? /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(text) : /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** As Go reads a number: also with an exponent, NaN and infinities. null: it is none. */
function numberOf(text: string): number | null {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?$/.test(text)) return Number(text);
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinity === null) return null;
  return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
