import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Clock, DurationMs } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { limits, timings } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { allowsPlain, type RegistryOptions } from './registry-options.ts';

export type HttpEdge = {
  readonly clock: Clock;
  readonly registries: RegistryOptions;
  /** A connection that is silent for so long is given up. */
  readonly silenceMs: DurationMs;
};

export type HttpRequest = {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Goes to the url's own origin only, never with a redirect to another. */
  readonly authorization?: string | null;
  readonly body?: string;
};

/** The answer's head; whoever gets it reads or destroys `body`. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
  /** Whether it comes from the origin that was asked. */
  readonly sameOrigin: boolean;
};

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * One request, through redirects. https everywhere, but where the machine's owner named the host for plain http.
 * ImageError IMAGE_UNREACHABLE (nobody there, silence, cut), IMAGE_REFUSED (a redirect that is not followed).
 */
export async function exchange(edge: HttpEdge, request: HttpRequest): Promise<HttpAnswer> {
  let { url } = request;
  let sameOrigin = true;
  for (let hop = 0; hop <= limits.registryRedirectsMax; hop += 1) {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowsPlain(url, edge.registries))) {
      const how = 'plain http is spoken to registries named by --insecure-registry only';
      throw new ImageError('IMAGE_REFUSED', `${url.protocol}//${url.host} is not asked: ${how}`);
    }
    const authorization = sameOrigin ? (request.authorization ?? null) : null;
    const answer = await sent(edge, { ...request, url, authorization });
    const status = answer.statusCode ?? 0;
    const location = answer.headers.location;
    if (!REDIRECTS.has(status) || location === undefined || request.method === 'POST')
      return { status, headers: answer.headers, body: answer, sameOrigin };
    answer.destroy();
    if (!URL.canParse(location, url.href))
      throw new ImageError('IMAGE_REFUSED', `${url.host} redirects to nowhere`);
    const next = new URL(location, url);
    // Once away, never trusted again: the other host could send it back with a path of its choice.
    if (next.origin !== url.origin) sameOrigin = false;
    url = next;
  }
  throw new ImageError(
    'IMAGE_REFUSED',
    `${request.url.host} redirects more than ${limits.registryRedirectsMax} times`,
  );
}

function sent(
  edge: HttpEdge,
  { url, method = 'GET', headers, authorization, body }: HttpRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const unreachable = (why: string, cause?: unknown): void =>
      reject(new ImageError('IMAGE_UNREACHABLE', `${url.host}: ${why}`, cause));
    const outgoing = send(url, {
      method,
      headers: {
        'user-agent': 'pintle',
        'accept-encoding': 'identity',
        ...headers,
        ...(authorization && { authorization }),
      },
      maxHeaderSize: limits.registryHeaderBytesMax,
      timeout: edge.silenceMs,
    });
    outgoing.once('timeout', () =>
      outgoing.destroy(new Error(`it has said nothing for ${edge.silenceMs / 1000} s`)),
    );
    outgoing.once('error', (thrown) => unreachable(messageOf(thrown) || 'cannot be reached', thrown));
    outgoing.once('response', resolve);
    outgoing.end(body);
  });
}

/** An answer's body, whole. ImageError IMAGE_REFUSED when it is too large, IMAGE_UNREACHABLE when it is cut or takes too long. */
export async function readAnswer(
  { clock }: Pick<HttpEdge, 'clock'>,
  { body }: HttpAnswer,
  bytesMax: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = clock.setTimer(timings.registryAnswerMs, () =>
    body.destroy(new Error('the answer takes too long')),
  );
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax)
        throw new ImageError('IMAGE_REFUSED', `the registry's answer has more than ${bytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof ImageError) throw thrown;
    throw new ImageError('IMAGE_UNREACHABLE', `the registry's answer was cut: ${messageOf(thrown)}`, thrown);
  } finally {
    timer.cancel();
    body.destroy();
  }
  return Buffer.concat(chunks);
}
