import { limits } from '../base/limits.ts';
import type { FieldPath } from '../schema/finding.ts';
import { LineIndex } from './line-index.ts';
import type { Position, Quoted } from './manifest-set.ts';
import { type LocatedText, locateText, type TextFormat } from './parse-text.ts';
import { placeOf, type SourceNode, type Span } from './source-node.ts';

/** What to underline: the key of a field, or its value where that is a scalar. */
export type Emphasis = 'key' | 'value';

/** Of a Secret everything else may hold a value: `stringDta` is a misspelling away. */
const OPEN_FIELDS = ['apiVersion', 'kind', 'metadata'];
/** In a file that could not be parsed a Secret is whatever says so anywhere. */
const SEEMS_SECRET = /Secret/;

/** Finds places in one file. Parses it once more, when first asked. */
export class FileLocator {
  readonly #text: string;
  readonly #format: TextFormat;
  #located: LocatedText | null = null;
  #lines: LineIndex | null = null;
  #hidden: readonly Span[] | 'all' | null = null;

  constructor(text: string, format: TextFormat) {
    this.#text = text;
    this.#format = format;
  }

  positionAt(offset: number): Position {
    this.#lines ??= new LineIndex(this.#text);
    return this.#lines.positionOf(offset);
  }

  /** The field at `path` of a document, or its nearest written ancestor. */
  find(document: number, path: FieldPath, emphasis: Emphasis = 'value'): Quoted {
    const root = this.#rootAt(document);
    if (root === null) return this.quote({ start: 0, end: 0 });
    const place = placeOf(root, path);
    // A value of no characters has nothing to underline.
    const { kind, span } = place.node;
    const scalar = place.exact && emphasis === 'value' && kind === 'scalar' && span.end > span.start;
    return this.quote(scalar || place.keySpan === null ? firstOf(place.node) : place.keySpan);
  }

  /** The text of a scalar as it stands in the file; undefined when `path` leads to no scalar. */
  writtenAt(document: number, path: FieldPath): string | undefined {
    const root = this.#rootAt(document);
    if (root === null) return undefined;
    const { node, exact } = placeOf(root, path);
    return exact && node.kind === 'scalar' ? this.#text.slice(node.span.start, node.span.end) : undefined;
  }

  quote(span: Span): Quoted {
    const position = this.positionAt(span.start);
    const end = this.positionAt(Math.max(span.end, span.start));
    const sourceLine = this.#lineOf(position, span.start);
    return { position, end: end.line === position.line ? end : undefined, sourceLine };
  }

  #rootAt(document: number): SourceNode | null {
    this.#located ??= locateText(this.#text, this.#format);
    return this.#located.roots[document] ?? null;
  }

  #lineOf(position: Position, offset: number): string | undefined {
    this.#lines ??= new LineIndex(this.#text);
    const line = this.#lines.lineText(position.line);
    const start = offset - position.column + 1;
    if (this.#hides({ start, end: start + line.length })) return undefined;
    return line.length > limits.problemLineCharsMax ? line.slice(0, limits.problemLineCharsMax) : line;
  }

  /** Whether a line touches what a Secret keeps. */
  #hides(line: Span): boolean {
    this.#hidden ??= this.#secretSpans();
    if (this.#hidden === 'all') return true;
    return this.#hidden.some((span) => line.start < span.end && span.start < line.end);
  }

  #secretSpans(): readonly Span[] | 'all' {
    if (!SEEMS_SECRET.test(this.#text)) return [];
    this.#located ??= locateText(this.#text, this.#format);
    const { roots, problems } = this.#located;
    // What could not be parsed has no places: nothing of the file is shown.
    if (problems.some((problem) => problem.unparsed)) return 'all';
    const spans: Span[] = [];
    for (const root of roots) if (root !== null) collectSecrets(root, spans);
    return spans;
  }
}

/** Where a collection begins; a scalar as a whole. */
function firstOf(node: SourceNode): Span {
  if (node.kind === 'scalar') return node.span;
  const [first] = node.kind === 'mapping' ? node.entries : [];
  return first === undefined ? { start: node.span.start, end: node.span.start + 1 } : first.keySpan;
}

function collectSecrets(node: SourceNode, spans: Span[], implied: string | null = null): void {
  if (node.kind === 'sequence') for (const item of node.items) collectSecrets(item, spans, implied);
  if (node.kind !== 'mapping') return;
  const kind = textOf(member(node, 'kind')) ?? implied;
  for (const { key, value } of node.entries) {
    if (kind === 'Secret' && !OPEN_FIELDS.includes(key)) spans.push(value.span);
    // Annotations may hold the whole Secret once more (kubectl's last-applied-configuration).
    const annotations = kind === 'Secret' && key === 'metadata' ? member(value, 'annotations') : undefined;
    if (annotations !== undefined) spans.push(annotations.span);
    const list = kind?.endsWith('List') === true && key === 'items';
    if (list) collectSecrets(value, spans, kind === 'List' ? null : kind.slice(0, -'List'.length));
  }
}

function member(node: SourceNode, key: string): SourceNode | undefined {
  return node.kind === 'mapping' ? node.entries.findLast((entry) => entry.key === key)?.value : undefined;
}

function textOf(node: SourceNode | undefined): string | null {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}
