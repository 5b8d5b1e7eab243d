import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ApiError } from '../../api/api-error.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { mediaRanges } from './accept.ts';
import { linger } from './linger.ts';
import { codeOfError, failureStatus } from './status-object.ts';
import { warningHeaders } from './warning-header.ts';

const compress = promisify(gzip);

/** What the client deserves a word about, beside the answer. */
export function setWarnings(response: ServerResponse, warnings: Iterable<string>): void {
  const headers = warningHeaders(warnings);
  if (headers.length > 0) response.setHeader('warning', headers);
}

/** Whether the client reads gzip. */
export function acceptsGzip(response: ServerResponse): boolean {
  const accepted = response.req.headers['accept-encoding'];
  return typeof accepted === 'string' && mediaRanges(accepted).some(({ type }) => type === 'gzip');
}

/** JSON (its text, or bytes of it) as the whole answer; compressed when it is long and the client reads that. */
export async function writeJson(
  response: ServerResponse,
  code: number,
  text: string | Uint8Array,
  mediaType = 'application/json',
): Promise<void> {
  const body = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  response.statusCode = code;
  response.setHeader('content-type', mediaType);
  response.setHeader('cache-control', 'no-cache, private');
  if (body.length < limits.serverGzipBytesMin || !acceptsGzip(response)) return send(response, body);
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'accept-encoding');
  send(response, await compress(body, { level: constants.Z_BEST_SPEED }));
}

export function send(response: ServerResponse, body: Uint8Array): void {
  response.setHeader('content-length', body.length);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function writeText(response: ServerResponse, code: number, text: string): void {
  response.statusCode = code;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('x-content-type-options', 'nosniff');
  send(response, Buffer.from(text, 'utf8'));
}

/** The Status of a failure. A request whose body was not read to its end cannot be followed by another. */
export async function writeFailure(
  response: ServerResponse,
  error: ApiError,
  status: JsonObject = failureStatus(error),
): Promise<void> {
  const { retryAfterSeconds } = error.details;
  if (retryAfterSeconds) response.setHeader('retry-after', retryAfterSeconds);
  const text = JSON.stringify(status);
  if (response.req.complete) return writeJson(response, codeOfError(error), text);
  const headers = {
    ...{ 'content-type': 'application/json', 'cache-control': 'no-cache, private', connection: 'close' },
    'content-length': Buffer.byteLength(text),
  };
  response.writeHead(codeOfError(error), headers);
  response.write(text);
  await linger(response.req);
  response.end();
}
