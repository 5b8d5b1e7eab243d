/** Source: grpc.health.v1.HealthCheckResponse.ServingStatus. */
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
export type HealthStatus = (typeof STATUSES)[number] | 'UNREADABLE';

/** Before each message: whether it is compressed, and its length. Source: gRPC over HTTP/2. */
const PREFIX_BYTES = 5;

/** HealthCheckRequest with its one field, `service` (1), as one message of a call. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The `status` (1) of the first message of an answer. Fields that are not known are passed over, as protobuf has it. */
export function healthStatus(body: Buffer): HealthStatus {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return 'UNREADABLE';
  const end = PREFIX_BYTES + body.readUInt32BE(1);
  if (end > body.length) return 'UNREADABLE';
  // What is not said is the first.
  let status: HealthStatus = 'UNKNOWN';
  let at = PREFIX_BYTES;
  while (at < end) {
    const field = readField(body.subarray(0, end), at);
    if (field === null) return 'UNREADABLE';
    if (field.number === 1 && field.value !== null) status = STATUSES[field.value] ?? 'UNKNOWN';
    at = field.next;
  }
  return status;
}

type Field = { readonly number: number; readonly value: number | null; readonly next: number };

/** One field: its value where it is a number. Source: protobuf encoding, wire types. */
function readField(bytes: Buffer, at: number): Field | null {
  const tag = readVarint(bytes, at);
  if (tag === null) return null;
  const number = Math.floor(tag.value / 8);
  const skip = (next: number): Field | null => (next <= bytes.length ? { number, value: null, next } : null);
  switch (tag.value % 8) {
    case 0: {
      const value = readVarint(bytes, tag.next);
      return value === null ? null : { number, ...value };
    }
    case 1:
      return skip(tag.next + 8);
    case 2: {
      const length = readVarint(bytes, tag.next);
      return length === null ? null : skip(length.next + length.value);
    }
    case 5:
      return skip(tag.next + 4);
    default:
      return null;
  }
}

/** At most ten bytes; what is beyond a double's integers is not exact, and nothing here is. */
function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return null;
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}
