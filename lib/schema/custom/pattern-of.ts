import { type LinearPattern, linearPattern } from '../pattern/linear-pattern.ts';
import { PatternError } from '../pattern/pattern-node.ts';
import type { SchemaNode } from './structural-schema.ts';

/** Schemas live as long as their definition, and their patterns with them. */
const known = new WeakMap<SchemaNode, LinearPattern | null>();

/** The pattern of a node; null where it has none, or one that cannot be read. */
export function patternOf(node: SchemaNode): LinearPattern | null {
  const before = known.get(node);
  if (before !== undefined) return before;
  const pattern = typeof node.pattern === 'string' ? read(node.pattern) : null;
  known.set(node, pattern);
  return pattern;
}

function read(text: string): LinearPattern | null {
  try {
    return linearPattern(text);
  } catch (thrown) {
    if (thrown instanceof PatternError) return null;
    throw thrown;
  }
}
