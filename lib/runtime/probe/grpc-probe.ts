import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { limits } from '../../base/limits.ts';
import { healthRequest, healthStatus } from './grpc-health.ts';

export type GrpcProbe = {
  readonly host: string;
  readonly port: number;
  /** '': the server as a whole. */
  readonly service: string;
};
export type GrpcAnswer = { readonly ok: boolean; readonly message: string };

const METHOD = '/grpc.health.v1.Health/Check';
/** Source: gRPC status codes. */
const OK = 0;
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;

/**
 * Asks grpc.health.v1.Health, over HTTP/2 without TLS, whether a service is SERVING. Rejects with the system's error where there
 * is nobody to ask; `abort` ends the question. Source: kubelet pkg/probe/grpc, gRPC over HTTP/2, the health checking protocol.
 */
export function grpcProbe(probe: GrpcProbe, abort: AbortSignal): Promise<GrpcAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<GrpcAnswer>();
  const authority = probe.host.includes(':')
    ? `[${probe.host}]:${probe.port}`
    : `${probe.host}:${probe.port}`;
  const session = connect(`http://${authority}`, { settings: { enablePush: false } });
  const fail = (failure: unknown): void => reject(failure);
  const onAbort = (): void => fail(new Error('aborted'));
  abort.addEventListener('abort', onAbort);
  session.on('error', fail);
  session.on('close', () => fail(new Error('the connection was closed before there was an answer')));
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: METHOD,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
    [constants.HTTP2_HEADER_TE]: 'trailers',
    [constants.HTTP2_HEADER_USER_AGENT]: 'kube-probe/pintle',
  });
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  let bytes = 0;
  stream.on('response', (got) => {
    headers = got;
  });
  stream.on('trailers', (got) => {
    trailers = got;
  });
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.probeBodyBytesMax) fail(new Error('the answer is too long'));
    else body.push(chunk);
  });
  stream.on('end', () => resolve(answerOf({ headers, trailers, body: Buffer.concat(body) })));
  stream.on('error', fail);
  stream.on('close', () => fail(new Error('the call was ended before there was an answer')));
  if (abort.aborted) onAbort();
  stream.end(healthRequest(probe.service));
  return promise.finally(() => {
    abort.removeEventListener('abort', onAbort);
    session.destroy();
  });
}

function answerOf(got: {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}): GrpcAnswer {
  const failed = (message: string): GrpcAnswer => ({ ok: false, message });
  const http = got.headers[constants.HTTP2_HEADER_STATUS];
  // A call that has failed at once has its status among the headers.
  const [code, text] = [fieldOf(got, 'grpc-status'), fieldOf(got, 'grpc-message') ?? ''];
  if (code === undefined)
    return failed(`error: no gRPC status in an answer of HTTP status ${http ?? 'unknown'}`);
  if (Number(code) === UNIMPLEMENTED) {
    return failed('error: this server does not implement the grpc health protocol (grpc.health.v1.Health)');
  }
  if (Number(code) === NOT_FOUND) return failed('error: the server does not know the service');
  if (Number(code) !== OK)
    return failed(`error: health rpc failed with gRPC status ${code} ${text.slice(0, 200)}`);
  const status = healthStatus(got.body);
  if (status === 'SERVING') return { ok: true, message: 'service healthy' };
  return failed(`service unhealthy (responded with ${JSON.stringify(status)})`);
}

function fieldOf(
  { headers, trailers }: { readonly headers: IncomingHttpHeaders; readonly trailers: IncomingHttpHeaders },
  name: string,
): string | undefined {
  const value = trailers[name] ?? headers[name];
  return Array.isArray(value) ? value[0] : value;
}
