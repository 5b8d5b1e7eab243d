import { InvariantError } from '../base/errors.ts';
import type { ObjectType } from './object-id.ts';
import type { Oid } from './repository.ts';

export type CatFileReply =
  | {
      readonly kind: 'object';
      readonly oid: Oid;
      readonly type: ObjectType;
      readonly sizeBytes: number;
      /** null: not asked for, or over the bound. */
      readonly bytes: Uint8Array | null;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'ambiguous' };

/** A line is an object name of at most a reference's length, and a few words. */
const LINE_BYTES_MAX = 8192;
const OBJECT_LINE = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d{1,15})$/;

type Payload = {
  readonly line: { readonly oid: Oid; readonly type: ObjectType; readonly sizeBytes: number };
  readonly target: Buffer | null;
  /** How much of the content, and of the newline after it, has come. */
  received: number;
};

/** Reads the replies of one batch from chunks cut anywhere. Source: git-cat-file(1), "BATCH OUTPUT". */
export class CatFileParser {
  onDone: (replies: readonly CatFileReply[]) => void = () => {};
  readonly #count: number;
  readonly #contents: boolean;
  readonly #bytesMax: number;
  readonly #replies: CatFileReply[] = [];
  #line = '';
  #payload: Payload | null = null;

  constructor(options: { readonly count: number; readonly contents: boolean; readonly bytesMax: number }) {
    this.#count = options.count;
    this.#contents = options.contents;
    this.#bytesMax = options.bytesMax;
  }

  /** null, or what is wrong with the stream. */
  push(chunk: Buffer): string | null {
    let at = 0;
    while (at < chunk.length) {
      if (this.#replies.length === this.#count) return 'it answered more than was asked';
      if (this.#payload !== null) {
        at = this.#takePayload(this.#payload, chunk, at);
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (this.#line.length > LINE_BYTES_MAX) return 'a line of its answer is too long';
      if (end < 0) return null;
      at = end + 1;
      const problem = this.#takeLine();
      if (problem !== null) return problem;
    }
    return null;
  }

  #takeLine(): string | null {
    const line = this.#line;
    this.#line = '';
    const match = OBJECT_LINE.exec(line);
    if (match === null) {
      if (!line.endsWith(' missing') && !line.endsWith(' ambiguous'))
        return `it answered ${line.slice(0, 200)}`;
      this.#reply({ kind: line.endsWith(' missing') ? 'missing' : 'ambiguous' });
      return null;
    }
    const header = { oid: match[1] ?? '', type: typeOf(match[2]), sizeBytes: Number(match[3]) };
    if (!this.#contents) {
      this.#reply({ kind: 'object', ...header, bytes: null });
      return null;
    }
    const kept = header.sizeBytes <= this.#bytesMax;
    this.#payload = { line: header, target: kept ? Buffer.alloc(header.sizeBytes) : null, received: 0 };
    return null;
  }

  #takePayload(payload: Payload, chunk: Buffer, at: number): number {
    const whole = payload.line.sizeBytes + 1;
    const end = Math.min(chunk.length, at + whole - payload.received);
    const contentEnd = Math.min(end, at + payload.line.sizeBytes - payload.received);
    if (payload.target !== null && contentEnd > at)
      chunk.copy(payload.target, payload.received, at, contentEnd);
    payload.received += end - at;
    if (payload.received === whole) {
      this.#payload = null;
      this.#reply({ kind: 'object', ...payload.line, bytes: payload.target });
    }
    return end;
  }

  #reply(reply: CatFileReply): void {
    this.#replies.push(reply);
    if (this.#replies.length === this.#count) this.onDone(this.#replies);
  }
}

function typeOf(word: string | undefined): ObjectType {
  if (word === 'commit' || word === 'tree' || word === 'blob' || word === 'tag') return word;
  throw new InvariantError('the pattern of an object line names the types');
}
