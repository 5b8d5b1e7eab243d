import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { JsonObject } from '../../base/json.ts';

type Refusal = { readonly code: number; readonly reason: string; readonly message: string };

const BY_CODE: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_HEADER_OVERFLOW', { code: 431, reason: '', message: 'the headers of the request are too large' }],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    { code: 413, reason: 'RequestEntityTooLarge', message: 'the extensions of a chunk are too large' },
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', { code: 408, reason: 'Timeout', message: 'the request did not come in time' }],
]);

const MALFORMED: Refusal = { code: 400, reason: 'BadRequest', message: 'the request is no HTTP/1.1 request' };

/** Answers what never became a request, and ends its connection. */
export function refuseConnection(failure: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { code, reason, message } = BY_CODE.get(failure.code ?? '') ?? MALFORMED;
  const status: JsonObject = {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message },
    ...(reason && { reason }),
    code,
  };
  const body = JSON.stringify(status);
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
