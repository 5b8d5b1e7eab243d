import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';

/**
 * HTTP for isomorphic-git over Node's fetch: ends when the remote is silent for timings.gitSilenceMs or answers
 * more than a pack may have; follows redirects only when no credentials are sent.
 */
export function isomorphicHttp(options: { readonly clock: Clock; readonly location: string }): HttpClient {
  const { clock, location } = options;
  return {
    async request(request: GitHttpRequest): Promise<GitHttpResponse> {
      const silence = silenceAfter(clock);
      const headers = request.headers ?? {};
      try {
        const response = await fetch(request.url, {
          method: request.method ?? 'GET',
          headers,
          redirect: 'Authorization' in headers ? 'manual' : 'follow',
          signal: silence.signal,
          ...(request.body === undefined ? {} : { body: await collect(request.body) }),
        });
        return {
          url: response.url,
          method: request.method ?? 'GET',
          statusCode: response.status,
          statusMessage: response.statusText,
          headers: Object.fromEntries(response.headers),
          body: bounded(response.body, { silence, location }),
        };
      } catch (thrown) {
        silence.end();
        throw down(location, thrown);
      }
    },
  };
}

type Silence = { readonly signal: AbortSignal; heard(): void; end(): void };

function silenceAfter(clock: Clock): Silence {
  const controller = new AbortController();
  let timer: Timer;
  const arm = (): void => {
    timer = clock.setTimer(timings.gitSilenceMs, () => controller.abort(new Error('it fell silent')));
  };
  arm();
  return {
    signal: controller.signal,
    heard: () => {
      timer.cancel();
      arm();
    },
    end: () => timer.cancel(),
  };
}

async function* bounded(
  body: AsyncIterable<Uint8Array> | null,
  options: { readonly silence: Silence; readonly location: string },
): AsyncIterableIterator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of body ?? []) {
      options.silence.heard();
      received += chunk.length;
      if (received > limits.isomorphicPackBytesMax) {
        throw new WorldError('GIT_FAILED', `${options.location} answers more than can be read without git`);
      }
      yield chunk;
    }
  } catch (thrown) {
    throw down(options.location, thrown);
  } finally {
    options.silence.end();
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Fetch says "fetch failed"; why is in the cause. */
function down(location: string, thrown: unknown): WorldError {
  if (thrown instanceof WorldError) return thrown;
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  return new WorldError('REMOTE_DOWN', `${location}: ${messageOf(cause)}`, { location }, thrown);
}
