import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { isObject, type JsonObject } from '../base/json.ts';
import type { ServedApi } from './served-api.ts';

/** A connection on which anything can be said. */
export type RawConnection = {
  readonly socket: TLSSocket;
  /** All that came, as latin1. */
  readonly text: () => string;
  readonly closed: () => boolean;
};

/** With the admin's certificate unless `options` say otherwise; it ends with the test. */
export function rawConnection(
  t: Pick<ExecutionContext, 'teardown'>,
  api: Pick<ServedApi, 'certificates' | 'server'>,
  options: ConnectionOptions = {},
): RawConnection {
  const { authority, admin } = api.certificates;
  const socket = connect({
    ...{ host: '127.0.0.1', port: api.server.port, servername: 'localhost' },
    ...{ ca: authority.certificatePem, cert: admin.certificatePem, key: admin.keyPem },
    ...options,
  });
  let text = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  t.teardown(() => socket.destroy());
  return { socket, text: () => text, closed: () => closed };
}

/** The first line of an answer, and its body. */
export function statusIn(text: string): { readonly line: string; readonly body: JsonObject } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const read: unknown = body === '' ? {} : JSON.parse(body);
  return { line: head.split('\r\n')[0] ?? '', body: isObject(read) ? read : {} };
}
