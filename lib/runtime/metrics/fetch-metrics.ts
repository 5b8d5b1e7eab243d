import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { ScrapeTarget } from './scrape-target.ts';

/**
 * Asks one metrics endpoint over a connection to the pod. Redirects are not followed: they would lead elsewhere. Certificates are not
 * checked, as nobody knows who should have signed them. WorldError METRICS_UNREADABLE: it refuses, says too much or takes too long.
 */
export async function fetchMetrics(
  { scheme, port, path }: ScrapeTarget,
  options: { readonly host: string; readonly clock: Clock; readonly connect: () => Promise<Duplex> },
): Promise<string> {
  const { host, clock } = options;
  const failed = Promise.withResolvers<never>();
  let socket: Duplex | null = null;
  let over = false;
  const fail = (why: string): void => failed.reject(new WorldError('METRICS_UNREADABLE', why));
  const timer = clock.setTimer(timings.metricScrapeTimeoutMs, () =>
    fail(`it did not answer within ${timings.metricScrapeTimeoutMs / 1000} s`),
  );
  const ask = async (): Promise<string> => {
    // A status says what whoever may write it wants: with ends of lines in it, it would be a header of its own, which Node throws at.
    if (isIP(host) === 0) throw new WorldError('METRICS_UNREADABLE', 'the pod has no address');
    const plain = await options.connect();
    socket = plain;
    // It came after all, and too late.
    if (over) plain.destroy();
    const stream = scheme === 'http' ? plain : tlsConnect({ socket: plain, rejectUnauthorized: false });
    stream.on('error', (failure: Error) => fail(failure.message));
    const { promise, resolve } = Promise.withResolvers<string>();
    const request = httpRequest({
      // With any agent at all, none of its own included, Node would make a connection of its own, to this machine.
      createConnection: () => stream,
      path,
      headers: {
        host: `${host}:${port}`,
        accept: 'text/plain;version=0.0.4;q=1,*/*;q=0.1',
        'user-agent': 'pintle-metrics',
        'accept-encoding': 'identity',
        connection: 'close',
      },
    });
    request.on('error', (failure) => fail(failure.message));
    request.on('response', (response) => {
      bodyOf(response).then(resolve, (failure: Error) => fail(failure.message));
    });
    request.end();
    return promise;
  };
  try {
    return await Promise.race([ask(), failed.promise]);
  } finally {
    over = true;
    timer.cancel();
    (socket as Duplex | null)?.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) throw new Error(`it answers with status ${response.statusCode ?? 0}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.metricBodyBytesMax)
      throw new Error(`it says more than ${limits.metricBodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
