import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { assert } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { setOwn } from '../source-node.ts';
import { keyText, resolvePlainScalar } from './plain-scalar.ts';

export type FastDocument = {
  readonly value: JsonValue;
  /** Offset of the document's content. */
  readonly start: number;
};

/** `inexact`: this parser cannot say what the text means; the exact one decides. `at`: where it stopped, when known. */
export type FastResult =
  | { readonly kind: 'documents'; readonly documents: readonly FastDocument[] }
  | { readonly kind: 'too-deep'; readonly at: number }
  | { readonly kind: 'inexact'; readonly at: number; readonly reason: string };

/** Thrown by readers of events, caught by readEvents only. */
export class Inexact extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

type Frame =
  | { readonly kind: 'document'; readonly start: number; value: JsonValue }
  | { readonly kind: 'sequence'; readonly start: number; readonly value: JsonValue[] }
  | {
      readonly kind: 'mapping';
      readonly start: number;
      readonly value: Record<string, JsonValue>;
      key: string | null;
    };

/**
 * Where the two parsers differ: document end markers (in counting documents), tabs in front of a line's content,
 * indented document markers, explicit indentation of block text. All are rare, and safe to find where they mean nothing.
 */
const TREACHEROUS = /(?:^|[\r\n])(?:\.\.\.(?:\s|$)| *\t| +---(?:\s|$))|[|>][-+]?[1-9]/;

/**
 * Reads ordinary YAML, all documents (empty ones are null), about ten times as fast as the exact parser. Whatever is
 * out of the ordinary (tags, anchors, merges, duplicate keys, unusual scalars, any syntax error) it leaves to that one.
 */
export function readFastYaml(text: string): FastResult {
  const read = readEvents(text, (events) => build(text, events));
  return read.kind === 'read' ? { kind: 'documents', documents: read.value } : read;
}

/** Hands the parser's events to `take`, who may throw Inexact. */
export function readEvents<Value>(
  text: string,
  take: (events: readonly Event[]) => Value,
): { readonly kind: 'read'; readonly value: Value } | Exclude<FastResult, { readonly kind: 'documents' }> {
  try {
    const treacherous = TREACHEROUS.exec(text);
    // Parsed even so: nesting too deep for any recursion has to be known before the exact parser is asked.
    const events = parseEvents(text, { maxDepth: limits.manifestDepthMax });
    if (treacherous !== null) throw new Inexact(treacherous.index, 'an unusual marker or tab');
    refuseRunOn(text, events);
    return { kind: 'read', value: take(events) };
  } catch (thrown) {
    if (thrown instanceof Inexact) return { kind: 'inexact', at: thrown.at, reason: thrown.message };
    if (!(thrown instanceof YAMLException)) throw thrown;
    const at = thrown.mark?.position ?? 0;
    // The library has no code for it; a test holds this prefix to the installed version.
    if (thrown.reason.startsWith('nesting exceeded maxDepth')) return { kind: 'too-deep', at };
    return { kind: 'inexact', at, reason: thrown.reason };
  }
}

/**
 * After the last item of a sequence this parser takes what follows on the same line for the next key of the mapping around it
 * (`- {} name: x`), which is an error in YAML.
 */
function refuseRunOn(text: string, events: readonly Event[]): void {
  let end = 0;
  let closed = false;
  for (const event of events) {
    if (closed && event.type === EVENT_ID.SCALAR && event.valueStart > end) {
      if (!/[\r\n,]/.test(text.slice(end, event.valueStart))) throw new Inexact(event.valueStart, 'run-on');
    }
    closed = event.type === EVENT_ID.POP;
    if (event.type === EVENT_ID.SCALAR && event.valueStart >= 0) end = event.valueEnd;
    else if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) end = event.start + 1;
  }
}

function build(text: string, events: readonly Event[]): readonly FastDocument[] {
  const documents: FastDocument[] = [];
  const frames: Frame[] = [];
  let starting = 0;
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (event.directives.length > 0) throw new Inexact(starting, 'directive');
        frames.push({ kind: 'document', start: -1, value: null });
        break;
      case EVENT_ID.SCALAR: {
        refuseProperties(event);
        if (event.valueStart >= 0) starting = event.valueStart;
        const source = getScalarValue(text, event);
        const plain = event.style === SCALAR_STYLE.PLAIN;
        add(frames, plain ? plainValue(source, starting) : source, starting);
        break;
      }
      case EVENT_ID.SEQUENCE:
        refuseProperties(event);
        starting = event.start;
        frames.push({ kind: 'sequence', start: event.start, value: [] });
        break;
      case EVENT_ID.MAPPING:
        refuseProperties(event);
        starting = event.start;
        frames.push({ kind: 'mapping', start: event.start, value: {}, key: null });
        break;
      case EVENT_ID.ALIAS:
        throw new Inexact(event.anchorStart, 'alias');
      case EVENT_ID.POP: {
        const frame = frames.pop();
        assert(frame !== undefined, 'a pop event closes an open node');
        if (frame.kind === 'document')
          documents.push({ value: frame.value, start: documentStart(frame, starting) });
        else add(frames, frame.value, frame.start);
        break;
      }
    }
  }
  return documents;
}

function documentStart(frame: Frame, fallback: number): number {
  return frame.start < 0 ? fallback : frame.start;
}

export function refuseProperties(event: { readonly anchorStart: number; readonly tagStart: number }): void {
  if (event.anchorStart >= 0) throw new Inexact(event.anchorStart, 'anchor');
  if (event.tagStart >= 0) throw new Inexact(event.tagStart, 'tag');
}

export function plainValue(source: string, at: number): string | number | boolean | null {
  const scalar = resolvePlainScalar(source);
  if (scalar.kind !== 'value') throw new Inexact(at, scalar.kind);
  return scalar.value;
}

function add(frames: Frame[], value: JsonValue, at: number): void {
  const top = frames.length - 1;
  const frame = frames[top];
  assert(frame !== undefined, 'a value stands in a document');
  switch (frame.kind) {
    case 'document':
      frames[top] = { kind: 'document', start: at, value };
      return;
    case 'sequence':
      frame.value.push(value);
      return;
    case 'mapping': {
      if (frame.key !== null) {
        setOwn(frame.value, frame.key, value);
        frame.key = null;
        return;
      }
      const key = typeof value === 'object' && value !== null ? undefined : keyText(value);
      if (key === undefined) throw new Inexact(at, 'key');
      if (Object.hasOwn(frame.value, key)) throw new Inexact(at, 'duplicate key');
      frame.key = key;
    }
  }
}
