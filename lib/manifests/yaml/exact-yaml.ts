import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { limits } from '../../base/limits.ts';
import { duplicateKey, type ParseProblem, type TextRule } from '../parse-problem.ts';
import type { SourceEntry, SourceNode, Span } from '../source-node.ts';
import { keyText, resolvePlainScalar } from './plain-scalar.ts';
import { syntaxMessage } from './syntax-message.ts';
import { resolveTagged } from './tagged-scalar.ts';

type Node = Alias | Scalar | YAMLMap | YAMLSeq;

export type ExactDocument = {
  /** Null: an empty document, or one whose text could not be parsed. */
  readonly root: SourceNode | null;
  readonly index: number;
};

export type ExactResult = {
  readonly documents: readonly ExactDocument[];
  readonly problems: readonly ParseProblem[];
};

/** Reads YAML with the place of every value and of everything that is wrong. The reference for the fast parser. */
export function readExactYaml(text: string): ExactResult {
  const documents: ExactDocument[] = [];
  const problems: ParseProblem[] = [];
  const parsed = parseAllDocuments(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  for (const [index, document] of [...parsed].entries()) {
    const reader = new DocumentReader(index, document);
    const [first] = document.errors;
    if (first !== undefined) {
      const span = { start: first.pos[0], end: Math.max(first.pos[1], first.pos[0] + 1) };
      const { message, suggestion } = syntaxMessage(first.code, text.slice(span.start, span.end));
      problems.push({ ruleId: 'yaml-syntax', message, suggestion, span, document: index, unparsed: true });
      documents.push({ root: null, index });
      continue;
    }
    const root = reader.read();
    documents.push({ root: reader.bomb === null ? root : null, index });
    problems.push(...(reader.bomb === null ? reader.problems : [reader.bomb]));
  }
  return { documents, problems };
}

/** Turns one parsed document into nodes. Aliases are copied out, so their number is bounded. */
class DocumentReader {
  readonly problems: ParseProblem[] = [];
  readonly #index: number;
  readonly #document: Document.Parsed;
  readonly #openAliases = new Set<Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  #aliasNodes = 0;
  /** Once it is set nothing else of the document counts. */
  bomb: ParseProblem | null = null;

  constructor(index: number, document: Document.Parsed) {
    this.#index = index;
    this.#document = document;
  }

  read(): SourceNode | null {
    const { contents } = this.#document;
    return contents === null ? null : this.#node(nodeOf(contents), 0);
  }

  #report(ruleId: TextRule, message: string, { start, end }: Span): void {
    const span = { start, end: Math.max(end, start + 1) };
    this.problems.push({ ruleId, message, span, document: this.#index, unparsed: false });
  }

  #node(node: Node | null, depth: number): SourceNode {
    if (node === null) return { kind: 'scalar', value: null, span: { start: 0, end: 0 } };
    const span = spanOf(node);
    if (this.#openAliases.size > 0) this.#aliasNodes += 1;
    if (this.bomb !== null || this.#aliasNodes > limits.manifestAliasNodesMax) return this.#explode(span);
    if (depth > limits.manifestDepthMax) {
      this.#report('too-deep', `Nested deeper than ${limits.manifestDepthMax} levels.`, span);
      return { kind: 'scalar', value: null, span };
    }
    if (isAlias(node)) return this.#alias(node, span, depth);
    if (node.anchor !== undefined && this.#openAliases.size === 0) this.#anchors.set(node.anchor, node);
    if (isMap(node)) {
      this.#checkTag(node, 'tag:yaml.org,2002:map', span);
      return { kind: 'mapping', entries: this.#entries(node.items, depth), span };
    }
    if (isSeq(node)) {
      this.#checkTag(node, 'tag:yaml.org,2002:seq', span);
      return { kind: 'sequence', items: node.items.map((item) => this.#node(nodeOf(item), depth + 1)), span };
    }
    return { kind: 'scalar', value: this.#scalar(node, span), span };
  }

  /** A collection's own tag may only say what it is. */
  #checkTag(node: YAMLMap | YAMLSeq, expected: string, span: Span): void {
    const { tag } = node;
    if (tag === undefined || tag === expected || tag === '!') return;
    this.#report('unknown-tag', `The tag ${tag} has no meaning in a manifest.`, {
      ...span,
      end: span.start + 1,
    });
  }

  #scalar(node: Scalar, span: Span): string | number | boolean | null {
    const source = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (node.tag !== undefined && node.tag !== '!') {
      const tagged = resolveTagged(node.tag, source);
      if (tagged.kind === 'value') return tagged.value;
      this.#report('unknown-tag', tagged.message, span);
      return null;
    }
    if (node.tag === '!' || (node.type !== undefined && node.type !== 'PLAIN')) return source;
    const scalar = resolvePlainScalar(source);
    if (scalar.kind === 'value') return scalar.value;
    if (scalar.kind === 'merge') return source;
    this.#report(scalar.ruleId, scalar.message, span);
    return null;
  }

  #alias(alias: Alias, span: Span, depth: number): SourceNode {
    // An alias means the anchor before it, also when it is copied out further down where the name was given anew.
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined) {
      this.#report('yaml-syntax', `There is no anchor &${alias.source} before this alias.`, span);
      return { kind: 'scalar', value: null, span };
    }
    this.#targets.set(alias, target);
    if (this.#openAliases.has(target)) return this.#explode(span);
    this.#openAliases.add(target);
    const node = this.#node(target, depth);
    this.#openAliases.delete(target);
    return node;
  }

  #explode(span: Span): SourceNode {
    const bound = `${limits.manifestAliasNodesMax} values`;
    const message = `Aliases that expand to more than ${bound}, or to themselves, are refused.`;
    this.bomb ??= { ruleId: 'alias-bomb', message, span, document: this.#index, unparsed: true };
    return { kind: 'scalar', value: null, span };
  }

  #entries(pairs: readonly Pair[], depth: number): readonly SourceEntry[] {
    const entries: SourceEntry[] = [];
    const seen = new Map<string, SourceEntry>();
    const merges: { readonly source: SourceNode; readonly span: Span }[] = [];
    for (const pair of pairs) {
      const keyNode = nodeOf(pair.key);
      const keySpan = keyNode === null ? { start: 0, end: 0 } : spanOf(keyNode);
      if (isMergeKey(keyNode)) {
        merges.push({ source: this.#node(nodeOf(pair.value), depth + 1), span: keySpan });
        continue;
      }
      const key = this.#key(keyNode, keySpan, depth);
      const value = this.#valueOfPair(pair, keySpan, depth);
      if (key === undefined) continue;
      const entry: SourceEntry = { key, keySpan, value };
      const earlier = seen.get(key);
      if (earlier !== undefined) {
        const spans = { first: earlier.keySpan, second: keySpan };
        this.problems.push(duplicateKey({ key, ...spans, document: this.#index }));
      }
      seen.set(key, entry);
      entries.push(entry);
    }
    for (const merge of merges) this.#merge(merge, { seen, entries });
    return entries;
  }

  #valueOfPair(pair: Pair, keySpan: Span, depth: number): SourceNode {
    const value = nodeOf(pair.value);
    if (value !== null) return this.#node(value, depth + 1);
    return { kind: 'scalar', value: null, span: { start: keySpan.end, end: keySpan.end } };
  }

  #key(node: Node | null, span: Span, depth: number): string | undefined {
    const resolved = node === null ? null : this.#node(node, depth + 1);
    const key = resolved?.kind === 'scalar' ? keyText(resolved.value) : undefined;
    if (key === undefined) this.#report('unsupported-key', 'A key must be text. Put it in quotes.', span);
    return key;
  }

  /** Merged members yield to those written, and to those of earlier merges. */
  #merge(
    merge: { readonly source: SourceNode; readonly span: Span },
    into: { readonly seen: Map<string, SourceEntry>; readonly entries: SourceEntry[] },
  ): void {
    const { source } = merge;
    const mappings = source.kind === 'sequence' ? source.items : [source];
    for (const mapping of mappings) {
      if (mapping.kind !== 'mapping') {
        this.#report('yaml-syntax', 'A merge (<<) needs a mapping, or a list of mappings.', merge.span);
        return;
      }
      for (const entry of mapping.entries) {
        if (into.seen.has(entry.key)) continue;
        into.seen.set(entry.key, entry);
        into.entries.push(entry);
      }
    }
  }
}

function nodeOf(value: unknown): Node | null {
  return isAlias(value) || isMap(value) || isSeq(value) || isScalar(value) ? value : null;
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}

function isMergeKey(node: Node | null): boolean {
  if (!isScalar(node) || node.value !== '<<') return false;
  return node.tag === undefined ? node.type === 'PLAIN' : node.tag === 'tag:yaml.org,2002:merge';
}
