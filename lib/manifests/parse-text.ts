import type { JsonValue } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { ParseProblem } from './parse-problem.ts';
import { readJson } from './read-json.ts';
import { jsonOf, type SourceNode } from './source-node.ts';
import { readExactYaml } from './yaml/exact-yaml.ts';
import { locateFastYaml } from './yaml/fast-nodes.ts';
import { readFastYaml } from './yaml/fast-yaml.ts';

export const textFormats = ['yaml', 'json'] as const;
export type TextFormat = (typeof textFormats)[number];

/** One document that says something (empty ones are left out; `index` counts them). */
export type ParsedDocument = { readonly index: number; readonly value: JsonValue; readonly start: number };

export type ParsedText = {
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly ParseProblem[];
};

/** The same documents as nodes with places; `roots[index]` is null where nothing could be read. */
export type LocatedText = {
  readonly roots: readonly (SourceNode | null)[];
  readonly problems: readonly ParseProblem[];
};

/** How long a text may be that is read exactly, which is slow. Unset: as long as a file may be. */
export type ExactBounds = { readonly exactCharsMax?: number };

/** Text → documents, as Kubernetes reads them. Fast where the text is ordinary, exact where anything is not. */
export function parseText(text: string, format: TextFormat, bounds: ExactBounds = {}): ParsedText {
  if (format === 'json') return fromLocated(locateText(text, 'json'));
  const fast = readFastYaml(text);
  switch (fast.kind) {
    case 'documents': {
      const documents = fast.documents.map(({ value, start }, index) => ({ index, value, start }));
      return { documents: documents.filter(({ value }) => value !== null), problems: [] };
    }
    case 'too-deep':
      return { documents: [], problems: [tooDeep(fast.at)] };
    case 'inexact':
      return fromLocated(locateText(text, 'yaml', bounds));
  }
}

/**
 * Text → nodes with places, for the files in which something is wrong. Fast where the text is ordinary; else exact, and slow, up to
 * a size: beyond it what the fast parser says has to do.
 */
export function locateText(
  text: string,
  format: TextFormat,
  { exactCharsMax = limits.manifestExactBytesMax }: ExactBounds = {},
): LocatedText {
  if (format === 'json') {
    const { documents, problems } = readJson(text);
    return { roots: documents, problems };
  }
  const fast = locateFastYaml(text);
  if (fast.kind === 'documents') return { roots: fast.roots, problems: [] };
  if (fast.kind === 'too-deep') return { roots: [], problems: [tooDeep(fast.at)] };
  if (text.length > exactCharsMax) {
    return { roots: [], problems: [tooLargeForExact(fast.at, fast.reason, exactCharsMax)] };
  }
  const { documents, problems } = readExactYaml(text);
  return { roots: documents.map(({ root }) => root), problems };
}

function fromLocated({ roots, problems }: LocatedText): ParsedText {
  const documents: ParsedDocument[] = [];
  for (const [index, root] of roots.entries()) {
    if (root === null) continue;
    const value = jsonOf(root);
    if (value !== null) documents.push({ index, value, start: root.span.start });
  }
  return { documents, problems };
}

function tooDeep(at: number): ParseProblem {
  const message = `Nested deeper than ${limits.manifestDepthMax} levels.`;
  return { ruleId: 'too-deep', message, span: { start: at, end: at + 1 }, document: null, unparsed: true };
}

function tooLargeForExact(at: number, reason: string, exactCharsMax: number): ParseProblem {
  const sizeMib = exactCharsMax / 1024 / 1024;
  const message = `In files of more than ${sizeMib} MiB only plain YAML is read, and this is not: ${reason}.`;
  return { ruleId: 'yaml-syntax', message, span: { start: at, end: at + 1 }, document: null, unparsed: true };
}
