import { once } from 'node:events';
import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http';
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
  const outgoing = asked(exchange, {
    connection: await secured(await reached(place.connect()), to.scheme),
    ...{ host: place.host, path: `${path}${search ?? ''}` },
  });
  const over = Promise.withResolvers<void>();
  response.on('close', () => {
    outgoing.destroy();
    over.resolve();
  });
  const answer = await reached(answerTo(outgoing, request));
  const headers = answeredHeaders(answer.rawHeaders, { host: place.host, prefix });
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers.flat());
  // An answer that breaks off is not to look whole.
  answer.on('close', () => answer.complete || response.destroy());
  answer.pipe(response);
  await over.promise;
}

async function answerTo(outgoing: ClientRequest, request: IncomingMessage): Promise<IncomingMessage> {
  const answered = once(outgoing, 'response');
  // A pod that answers before it has read everything is right to; what becomes of the rest shows in its answer.
  pipeline(request, outgoing).catch(() => undefined);
  const [answer] = (await answered) as [IncomingMessage];
  return answer;
}

function asked(
  { request }: Exchange,
  to: { readonly connection: Duplex; readonly host: string; readonly path: string },
): ClientRequest {
  const outgoing = ask({ createConnection: () => to.connection, method: request.method, path: to.path });
  for (const [name, value] of passedHeaders(request.rawHeaders)) outgoing.appendHeader(name, value);
  outgoing.setHeader('host', to.host);
  // Breaks after the answer has begun show in the answer.
  outgoing.on('error', () => undefined);
  return outgoing;
}

/** Certificates of pods are nobody's to check: how they are reached is what vouches for them. Source: upstream pod proxy. */
async function secured(connection: Duplex, scheme: ProxiedName['scheme']): Promise<Duplex> {
  if (scheme === 'http') return connection;
  const socket = connectTls({ socket: connection, rejectUnauthorized: false });
  await reached(once(socket, 'secureConnect'));
  return socket;
}

async function reached<T>(connecting: Promise<T>): Promise<T> {
  try {
    return await connecting;
  } catch (failure) {
    throw new ApiError('ServiceUnavailable', `error trying to reach service: ${messageOf(failure)}`);
  }
}
