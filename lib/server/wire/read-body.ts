import type { IncomingMessage } from 'node:http';
import { ApiError } from '../../api/api-error.ts';
import { UserError } from '../../base/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { parseText } from '../../manifests/parse-text.ts';
import { decodeProtobuf } from '../../schema/protobuf/decode-protobuf.ts';
import { isJsonWithin } from '../../schema/protobuf/is-json-within.ts';
import { duplicateFields } from './duplicate-fields.ts';

const ACCEPTED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** Hears of every field that stands twice. */
export type OnDuplicate = (text: string) => void;

/**
 * The whole body. RequestEntityTooLarge beyond the bound, whatever its length was said to be; the rest of it stays to be read, so
 * that the client can still be answered. BadRequest when it breaks off.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const refuse = (): void => {
    request.pause();
    const most = limits.serverBodyBytesMax;
    reject(new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${most}`));
  };
  if (Number(request.headers['content-length'] ?? 0) > limits.serverBodyBytesMax) {
    refuse();
    return promise;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= limits.serverBodyBytesMax) return void chunks.push(chunk);
    request.off('data', take);
    refuse();
  };
  const broken = (): void => {
    // Every request closes; only of those that end too early somebody hears.
    if (!request.readableEnded) reject(new ApiError('BadRequest', 'the body of the request broke off'));
  };
  request.on('data', take);
  request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  request.once('error', broken);
  request.once('close', broken);
  return promise;
}

/** `application/json; charset=utf-8` → `application/json`. None: JSON. */
export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** An object in any of the media types requests are read in. BadRequest, UnsupportedMediaType. */
export function decodeObject(body: Buffer, mediaType: string, onDuplicate?: OnDuplicate): JsonObject {
  const value = decodeValue(body, mediaType, onDuplicate);
  if (isObject(value)) return value;
  throw new ApiError('BadRequest', 'the body of the request is not an object');
}

export function decodeValue(body: Buffer, mediaType: string, onDuplicate?: OnDuplicate): JsonValue {
  switch (mediaType) {
    case 'application/json':
      return readJson(body, onDuplicate);
    case 'application/yaml':
      return readYaml(body, onDuplicate);
    case 'application/vnd.kubernetes.protobuf':
      return readProtobuf(body);
    default:
      throw new ApiError(
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED}`,
      );
  }
}

/** BadRequest unless it is JSON that can be walked without harm. */
export function readJson(body: Buffer, onDuplicate?: OnDuplicate): JsonValue {
  let value: unknown;
  const text = body.toString('utf8');
  try {
    value = JSON.parse(text);
  } catch (failure) {
    throw new ApiError(
      'BadRequest',
      `couldn't parse the body as JSON: ${failure instanceof Error ? failure.message : ''}`,
    );
  }
  const known = within(value);
  if (onDuplicate !== undefined)
    for (const field of duplicateFields(text)) onDuplicate(`duplicate field "${field}"`);
  return known;
}

/** JSON is YAML; what clients call YAML mostly is JSON. */
export function readYaml(body: Buffer, onDuplicate?: OnDuplicate): JsonValue {
  const text = body.toString('utf8');
  if (text.trimStart().startsWith('{')) return readJson(body, onDuplicate);
  const { documents, problems } = parseText(text, 'yaml', { exactCharsMax: limits.serverExactYamlCharsMax });
  // Of two equal keys one counts, where whoever asks is content with that.
  const problem = problems.find(({ ruleId }) => onDuplicate === undefined || ruleId !== 'duplicate-key');
  if (problem !== undefined) throw new ApiError('BadRequest', `error decoding YAML: ${problem.message}`);
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    throw new ApiError('BadRequest', `the body holds ${documents.length} YAML documents; it must be one`);
  }
  // No more of them are told than of keys of JSON: each is counted from the beginning.
  for (const { span } of problems.slice(0, limits.serverWarningsMax)) {
    const line = text.slice(0, span.start).split('\n').length;
    const key = text.slice(span.start, span.end).split(/[:\n]/, 1)[0]?.trim() ?? '';
    onDuplicate?.(`yaml: unmarshal errors:\n  line ${line}: key ${JSON.stringify(key)} already set in map`);
  }
  return within(document.value);
}

function readProtobuf(body: Buffer): JsonValue {
  try {
    return decodeProtobuf(body);
  } catch (failure) {
    if (failure instanceof UserError) throw new ApiError('BadRequest', failure.message);
    throw failure;
  }
}

function within(value: unknown): JsonValue {
  if (isJsonWithin(value)) return value as JsonValue;
  throw new ApiError('BadRequest', 'the body is nested too deeply, or has a key that is not allowed');
}
