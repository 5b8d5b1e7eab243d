import { UserError } from '../../base/errors.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import { messageTable, messageTypeOf } from './message-table.ts';
import { readMessage } from './read-message.ts';
import { malformed, WireReader, wireTypes } from './wire-reader.ts';

/** `k8s` and a zero byte stand before every object. Source: apimachinery serializer/protobuf. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00] as const;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/**
 * The JSON of a request body of media type application/vnd.kubernetes.protobuf, which kubectl 1.32 and later send: any kind of
 * the facts, and DeleteOptions of any group. `apiVersion`, `kind` and, on kinds that have it, `metadata` are always there.
 * What client libraries write without meaning it (zero values of fields that are no pointers, times that are not set) is left out.
 * @throws UserError INVALID_PROTOBUF; UNKNOWN_PROTOBUF_KIND (data: apiVersion, kind)
 */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  if (!MAGIC.every((byte, at) => body[at] === byte))
    throw malformed('it does not begin with k8s and a zero byte');
  const { apiVersion, kind, raw } = readEnvelope(body.subarray(MAGIC.length));
  const typeName = messageTypeOf(apiVersion, kind);
  if (typeName === undefined)
    throw new UserError(
      'UNKNOWN_PROTOBUF_KIND',
      `There is no kind ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} that is read as protobuf; send JSON.`,
      { apiVersion, kind },
    );
  const message = readMessage(typeName, raw);
  const hasMetadata = [...messageTable(typeName).values()].some(
    (field) => field.form === 'member' && field.name === 'metadata',
  );
  const metadata = isObject(message.metadata) ? message.metadata : {};
  return { apiVersion, kind, ...message, ...(hasMetadata ? { metadata } : {}) };
}

type Envelope = { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array };

/** runtime.Unknown: 1 the type, 2 the object, 3 its encoding, 4 its media type. */
function readEnvelope(bytes: Uint8Array): Envelope {
  const reader = new WireReader(bytes);
  let type = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (wireType !== wireTypes.bytes || number > 4) {
      reader.skip(wireType);
      continue;
    }
    if (number === 1) type = readTypeMeta(reader.lengthDelimited());
    else if (number === 2) raw = reader.lengthDelimited();
    else if (!['', PROTOBUF].includes(reader.text()))
      throw malformed('its content is encoded in another way');
  }
  return { ...type, raw };
}

function readTypeMeta(bytes: Uint8Array): { apiVersion: string; kind: string } {
  const reader = new WireReader(bytes);
  const type = { apiVersion: '', kind: '' };
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.bytes) type.apiVersion = reader.text();
    else if (number === 2 && wireType === wireTypes.bytes) type.kind = reader.text();
    else reader.skip(wireType);
  }
  return type;
}
