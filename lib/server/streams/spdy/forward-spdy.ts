import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../../base/clock.ts';
import { timings } from '../../../base/limits.ts';
import { forwardPort } from '../forward-port.ts';
import { tendConnection } from '../tend-connection.ts';
import { SpdySession } from './spdy-session.ts';
import type { SpdyStream } from './spdy-stream.ts';

export const SPDY_FORWARD_PROTOCOLS = ['portforward.k8s.io'] as const;

type Pair = { readonly timer: Timer; error?: SpdyStream; data?: SpdyStream };

/**
 * Port-forward over SPDY: for each connection the client opens a pair of streams, `error` and `data`, of one `requestid`, which say the
 * port. One that stays alone is given up. Resolves when the client is gone. Source: kubelet portforward/httpstream.go.
 */
export async function forwardOverSpdy(
  transport: Duplex,
  options: {
    readonly clock: Clock;
    readonly pod: { readonly name: string; readonly uid: string };
    connect(port: number): Promise<Duplex>;
  },
): Promise<void> {
  const { clock, pod, connect } = options;
  const pairs = new Map<string, Pair>();
  const forget = (id: string): void => {
    pairs.get(id)?.timer.cancel();
    pairs.delete(id);
  };
  const pairOf = (id: string): Pair => {
    const known = pairs.get(id);
    if (known !== undefined) return known;
    const timer = clock.setTimer(timings.streamCreationMs, () => {
      const { error, data } = pairs.get(id) ?? {};
      pairs.delete(id);
      error?.destroy();
      data?.destroy();
    });
    const pair: Pair = { timer };
    pairs.set(id, pair);
    return pair;
  };
  const session = new SpdySession(transport, (stream) => {
    const type = stream.headers.get('streamtype')?.toLowerCase();
    const port = portOf(stream.headers.get('port'));
    if ((type !== 'error' && type !== 'data') || port === null) return false;
    const id = stream.headers.get('requestid') ?? pairedBefore(stream, type);
    const pair = pairOf(id);
    if (pair[type] !== undefined) return false;
    pair[type] = stream;
    // Streams are bounded while they are open; what waits for its other half may be no more.
    stream.once('close', () => {
      if (pairs.get(id) !== pair) return;
      forget(id);
      (type === 'error' ? pair.data : pair.error)?.destroy();
    });
    const { error, data } = pair;
    if (error === undefined || data === undefined) return true;
    forget(id);
    error.resume();
    void forwardPort({ data, error }, { port, pod: pod.name, uid: pod.uid, connect: () => connect(port) });
    return true;
  });
  const tending = tendConnection(clock, session);
  await session.ended;
  tending.cancel();
  for (const id of [...pairs.keys()]) forget(id);
}

/** Old clients name no request: the data stream is the one opened after its error stream. */
function pairedBefore(stream: SpdyStream, type: 'error' | 'data'): string {
  return String(type === 'error' ? stream.id : stream.id - 2);
}

export function portOf(text: string | undefined): number | null {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port <= 0xffff ? port : null;
}
