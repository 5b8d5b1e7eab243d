import type { Span } from './source-node.ts';

/** Stable rule ids of everything that can be wrong with a file's text. */
export const textRules = [
  'not-utf8',
  'control-character',
  'yaml-syntax',
  'json-syntax',
  'duplicate-key',
  'too-deep',
  'alias-bomb',
  'unknown-tag',
  'integer-too-large',
  'not-a-number',
  'unsupported-key',
] as const;
export type TextRule = (typeof textRules)[number];

/** Something wrong with a file's text. */
export type ParseProblem = {
  readonly ruleId: TextRule;
  readonly message: string;
  readonly span: Span;
  /** The document it spoils; null: the file as a whole. */
  readonly document: number | null;
  /** The text of the document could not be parsed: what it says is unknown. Else its value is known, and unsound. */
  readonly unparsed: boolean;
  readonly suggestion?: string | undefined;
  /** The other place that has to do with it: the first of two equal keys. */
  readonly related?: Span | undefined;
};

/** The finding for a key that stands twice in one mapping. */
export function duplicateKey(of: {
  readonly key: string;
  readonly first: Span;
  readonly second: Span;
  readonly document: number;
}): ParseProblem {
  const message = `The key ${of.key} is written twice in this mapping.`;
  return {
    ruleId: 'duplicate-key',
    message,
    span: of.second,
    related: of.first,
    document: of.document,
    unparsed: false,
  };
}
