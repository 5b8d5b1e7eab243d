import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import { ApiError } from '../../api/api-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { Target } from '../resources/target.ts';
import { answeredHeaders, passedHeaders } from './passed-headers.ts';
import { type ProxiedName, proxiedName } from './proxied-name.ts';
import { proxiedPlace } from './proxied-place.ts';

/** Hands a request on to a pod and its answer back, both as they come. What the pod does not answer is ServiceUnavailable. */
export async function answerProxy(exchange: Exchange, target: Target): Promise<void> {
  const { request, response } = exchange;
  const { info } = target;
  const path = info.proxiedPath ?? '';
  const prefix = info.path.slice(0, info.path.length - path.length);
  const [, search] = (request.url ?? '').split(/(?=\?)/, 2);
  if (path === '') {
    // Links in what the pod answers are relative to its root.
    response.writeHead(301, { location: `${prefix}/${search ?? ''}` });
    response.end();
    return;
  }
  const to = proxiedName(info.name);
  const place = await proxiedPlace(exchange, target, to);
  const connection = await reached(place.connect());
  const gone = endedWith(response, connection);
  const outgoing = asked(exchange, {
    connection: await secured(connection, { scheme: to.scheme, gone }),
    ...{ host: place.host, path: `${path}${search ?? ''}` },
  });
  const answer = await reached(answerTo(outgoing, { request, gone }));
  const headers = answeredHeaders(answer.rawHeaders, { host: place.host, prefix });
  response.writeHead(...answeredStatus(answer), headers.flat());
  // An answer that breaks off is not to look whole.
  answer.on('close', () => answer.complete || response.destroy());
  const over = once(response, 'close');
  answer.pipe(response);
  await over;
}

/** The connection goes with whoever asked, who may have gone while it was being made. The signal ends all that is waited for. */
function endedWith(response: ServerResponse, connection: Duplex): AbortSignal {
  const gone = new AbortController();
  const end = (): void => {
    connection.destroy();
    gone.abort();
  };
  connection.on('error', () => undefined);
  response.once('close', end);
  if (response.closed) end();
  return gone.signal;
}

async function answerTo(
  outgoing: ClientRequest,
  { request, gone }: { readonly request: IncomingMessage; readonly gone: AbortSignal },
): Promise<IncomingMessage> {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  // Without this, nothing would ever be said of such an answer.
  outgoing.on('upgrade', (_answer, socket) => {
    socket.destroy();
    reject(new Error('it changes to another protocol, which was not asked for'));
  });
  const answered = once(outgoing, 'response', { signal: gone });
  // A pod that answers before it has read everything is right to; what becomes of the rest shows in its answer.
  pipeline(request, outgoing).catch(() => undefined);
  const [answer] = (await Promise.race([answered, refused])) as [IncomingMessage];
  return answer;
}

/** What the pod says of its answer, as far as it can be said again. ServiceUnavailable. */
function answeredStatus({ statusCode = 0, statusMessage = '' }: IncomingMessage): readonly [number, string] {
  if (statusCode < 200) throw new ApiError('ServiceUnavailable', `the pod answers with status ${statusCode}`);
  // What is none of these characters cannot be sent, and is refused in the middle of the answer.
  return [statusCode, statusMessage.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')];
}

function asked(
  { request }: Exchange,
  to: { readonly connection: Duplex; readonly host: string; readonly path: string },
): ClientRequest {
  const outgoing = ask({ createConnection: () => to.connection, method: request.method, path: to.path });
  for (const [name, value] of passedHeaders(request.rawHeaders)) outgoing.appendHeader(name, value);
  outgoing.setHeader('host', to.host);
  // A body without a length would be sent bare where its method has none by custom: the pod would read it as one more request.
  if (request.headers['transfer-encoding'] !== undefined) outgoing.setHeader('transfer-encoding', 'chunked');
  // Breaks after the answer has begun show in the answer.
  outgoing.on('error', () => undefined);
  return outgoing;
}

/** Certificates of pods are nobody's to check: how they are reached is what vouches for them. Source: upstream pod proxy. */
async function secured(
  connection: Duplex,
  { scheme, gone }: { readonly scheme: ProxiedName['scheme']; readonly gone: AbortSignal },
): Promise<Duplex> {
  if (scheme === 'http') return connection;
  const socket = connectTls({ socket: connection, rejectUnauthorized: false });
  await reached(once(socket, 'secureConnect', { signal: gone }));
  return socket;
}

async function reached<T>(connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (failure) {
    throw new ApiError('ServiceUnavailable', `error trying to reach service: ${messageOf(failure)}`);
  }
}
