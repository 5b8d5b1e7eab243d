import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { limits } from '../../base/limits.ts';

/** A question as it came. `type` and `name` are those of its one question; `edns`: it says what it takes, over UDP. */
export type Query = {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** For others: as the client wrote it. */
  readonly bytes: Buffer;
  readonly udpBytesMax: number;
  readonly edns: boolean;
  readonly recursion: boolean;
};

/** Source: RFC 1035, 4.1.1. */
export const rcodes = {
  noError: 0,
  format: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;
const FLAGS = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursion: 0x0100,
  available: 0x0080,
};
const HEADER_BYTES = 12;

/** Reads a question; a number is the code to answer with, null: nothing that can be answered. */
export function readQuery(bytes: Buffer): Query | { readonly id: number; readonly rcode: number } | null {
  if (bytes.length < HEADER_BYTES || (bytes.readUInt16BE(2) & FLAGS.response) !== 0) return null;
  const id = bytes.readUInt16BE(0);
  if ((bytes.readUInt16BE(2) & 0x7800) !== 0) return { id, rcode: rcodes.notImplemented };
  const packet = packetIn(bytes);
  const [question, ...more] = packet?.questions ?? [];
  if (packet === null || question === undefined || more.length > 0) return { id, rcode: rcodes.format };
  if (question.class !== undefined && question.class !== 'IN') return { id, rcode: rcodes.refused };
  const opt = (packet.additionals ?? []).find(({ type }) => type === 'OPT');
  const wanted = opt?.type === 'OPT' ? opt.udpPayloadSize : limits.dnsUdpBytesMin;
  return {
    ...{ id, bytes, name: question.name, type: question.type },
    udpBytesMax: Math.min(Math.max(wanted, limits.dnsUdpBytesMin), limits.dnsUdpBytesMax),
    edns: opt !== undefined,
    recursion: (bytes.readUInt16BE(2) & FLAGS.recursion) !== 0,
  };
}

/** A packet, however strange its parts are; null: it is none. */
export function packetIn(bytes: Buffer): Packet | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

export function rcodeOf(bytes: Buffer): number {
  return bytes.readUInt16BE(2) & 0x000f;
}

export function isTruncated(bytes: Buffer): boolean {
  return (bytes.readUInt16BE(2) & FLAGS.truncated) !== 0;
}

/** The answer on the wire. What does not fit in `bytesMax` is cut to none, and says so: the client asks again over TCP. */
export function writeAnswer(
  query: Query,
  answer: {
    readonly rcode: number;
    readonly authoritative: boolean;
    readonly answers: readonly Answer[];
    readonly authorities: readonly Answer[];
    readonly additionals: readonly Answer[];
  },
  bytesMax: number,
): Buffer {
  const flags =
    FLAGS.response |
    FLAGS.available |
    (answer.authoritative ? FLAGS.authoritative : 0) |
    (query.recursion ? FLAGS.recursion : 0) |
    answer.rcode;
  const opt = query.edns ? [optRecord()] : [];
  const packet = {
    ...{ id: query.id, type: 'response' },
    flags,
    questions: [{ name: query.name, type: query.type, class: 'IN' }],
    answers: [...answer.answers],
    authorities: [...answer.authorities],
    additionals: [...answer.additionals, ...opt],
  } as Packet;
  const bytes = encode(packet);
  if (bytes.length <= bytesMax) return bytes;
  const bare = { ...packet, flags: flags | FLAGS.truncated, answers: [], authorities: [], additionals: opt };
  return encode(bare);
}

/** An answer of a code and nothing else, also to what could not be read. */
export function writeFailure(id: number, rcode: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(FLAGS.response | FLAGS.available | rcode, 2);
  return bytes;
}

/** The same message under another number. */
export function withId(bytes: Buffer, id: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(id, 0);
  return copy;
}

/** Whether a message answers a question: the number, and the question itself, to the letter. */
export function isAnswerTo(bytes: Buffer, asked: Buffer): boolean {
  const end = questionEnd(asked);
  if (end === null || bytes.length < end) return false;
  return (
    bytes.readUInt16BE(0) === asked.readUInt16BE(0) &&
    (bytes.readUInt16BE(2) & FLAGS.response) !== 0 &&
    bytes.readUInt16BE(4) === 1 &&
    bytes.subarray(HEADER_BYTES, end).equals(asked.subarray(HEADER_BYTES, end))
  );
}

/** Where the first question ends; null when it is not written out. */
function questionEnd(bytes: Buffer): number | null {
  let at = HEADER_BYTES;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63) return null;
    at += length + 1;
    if (length === 0) return at + 4 <= bytes.length ? at + 4 : null;
  }
}

/** A question of our own. */
export function writeQuestion(name: string, type: string): Buffer {
  const packet = {
    ...{ id: 0, type: 'query', flags: FLAGS.recursion },
    questions: [{ name, type, class: 'IN' }],
    additionals: [optRecord()],
  } as Packet;
  return encode(packet);
}

function optRecord(): Answer {
  const nothing = { extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
  return { name: '.', type: 'OPT', udpPayloadSize: limits.dnsUdpBytesMax, ...nothing };
}
