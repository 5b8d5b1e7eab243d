import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ApiError } from '../../api/api-error.ts';
import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { mediaRanges } from './accept.ts';
import { codeOfError, failureStatus } from './status-object.ts';

const compress = promisify(gzip);

/** Warning headers, as RFC 7234 quotes them. Source: apimachinery NewWarningHeader. */
export function setWarnings(response: ServerResponse, warnings: Iterable<string>): void {
  const lines = [...warnings].map((text) => {
    const plain = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ').slice(0, limits.serverWarningCharsMax);
    // A header holds bytes: what is not ASCII goes as UTF-8.
    return Buffer.from(`299 - "${plain.replace(/[\\"]/g, '\\$&')}"`, 'utf8').toString('latin1');
  });
  if (lines.length > 0) response.setHeader('warning', lines);
}

/** Whether the client reads gzip. */
export function acceptsGzip(response: ServerResponse): boolean {
  const accepted = response.req.headers['accept-encoding'];
  return typeof accepted === 'string' && mediaRanges(accepted).some(({ type }) => type === 'gzip');
}

/** JSON text as the whole answer; compressed when it is long and the client reads that. */
export async function writeJson(
  response: ServerResponse,
  code: number,
  text: string,
  mediaType = 'application/json',
): Promise<void> {
  const body = Buffer.from(text, 'utf8');
  response.statusCode = code;
  response.setHeader('content-type', mediaType);
  response.setHeader('cache-control', 'no-cache, private');
  if (body.length < limits.serverGzipBytesMin || !acceptsGzip(response)) return send(response, body);
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'accept-encoding');
  send(response, await compress(body, { level: constants.Z_BEST_SPEED }));
}

export function send(response: ServerResponse, body: Buffer): void {
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
  if (!response.req.complete) response.setHeader('connection', 'close');
  await writeJson(response, codeOfError(error), JSON.stringify(status));
}
