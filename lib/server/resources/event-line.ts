import type { WatchEvent } from '../../api/client.ts';
import { servedBytes } from '../wire/served-bytes.ts';

/** What goes to a watcher. Bytes are those that others get too. */
export type Line = string | Uint8Array;

type ObjectEvent = Exclude<WatchEvent, { readonly type: 'BOOKMARK' }>;
type Written = { readonly apiVersion: string; readonly bytes: Uint8Array };

/** By the event and not by the object: events soon go, and objects may stay for good. */
const written = new WeakMap<ObjectEvent, Written>();
const end = Buffer.from('}\n');

/** An event with its whole object, in the version asked for: written once, however many watchers hear of it. */
export function eventLine(event: ObjectEvent, apiVersion: string): Uint8Array {
  const known = written.get(event);
  if (known?.apiVersion === apiVersion) return known.bytes;
  const head = Buffer.from(`{"type":"${event.type}","object":`);
  const bytes = Buffer.concat([head, servedBytes(event.object, apiVersion), end]);
  written.set(event, { apiVersion, bytes });
  return bytes;
}

let last: { readonly lines: readonly Line[]; readonly bytes: Uint8Array } = {
  lines: [],
  bytes: new Uint8Array(),
};

/** Lines in one piece. Watchers mostly have the same ones to write, one after the other: theirs are joined once. */
export function joinedLines(lines: readonly Line[]): Line {
  const [first] = lines;
  if (first !== undefined && lines.length === 1) return first;
  const same = lines.length === last.lines.length && lines.every((line, at) => line === last.lines[at]);
  if (!same) {
    const parts = lines.map((line) => (typeof line === 'string' ? Buffer.from(line) : line));
    last = { lines, bytes: Buffer.concat(parts) };
  }
  return last.bytes;
}
