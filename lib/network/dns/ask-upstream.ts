import { createSocket } from 'node:dgram';
import { createConnection, isIPv6 } from 'node:net';
import type { Clock, DurationMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { isAnswerTo, isTruncated, packetIn, rcodeOf, rcodes, withId } from './message.ts';
import { type NegativeCache, negativeCache } from './negative-cache.ts';
import { takeMessages, writeMessage } from './tcp-messages.ts';

type Transport = 'udp' | 'tcp';

/** Passes questions on. The answer carries the number of the question; null: nobody answered, or too many wait. */
export type AskUpstream = (question: Buffer, transport: Transport) => Promise<Buffer | null>;

const PORT = 53;

/**
 * Asks the machine's name servers, one after the other: each question under a number and from a port that cannot be guessed. What is
 * said not to be there is remembered for a while: every name that pods look up is tried with all their search domains first.
 */
export function askUpstream(options: {
  readonly upstreams: () => readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  /** Unset: 53. */
  readonly port?: number;
}): AskUpstream {
  const { clock, random, port = PORT } = options;
  const cache: NegativeCache = negativeCache();
  let waiting = 0;
  return async (question, transport) => {
    const known = cache.get(question, clock.now());
    if (known !== null) return withId(known, question.readUInt16BE(0));
    if (waiting >= limits.dnsForwardsMax) return null;
    waiting += 1;
    const untilMs = clock.now() + timings.dnsForwardMs;
    let last: Buffer | null = null;
    try {
      for (const server of options.upstreams()) {
        const timeoutMs = Math.min(timings.dnsUpstreamMs, untilMs - clock.now());
        if (timeoutMs <= 0) break;
        const asked = withId(question, Math.floor(random.next() * 65_536));
        const exchange = transport === 'udp' ? overUdp : overTcp;
        const answer = await exchange({ asked, server, port, timeoutMs, clock });
        if (answer === null) continue;
        last = withId(answer, question.readUInt16BE(0));
        // Another one may know better than one that is in trouble itself.
        if (![rcodes.serverFailure, rcodes.refused].some((code) => code === rcodeOf(answer))) break;
      }
    } finally {
      waiting -= 1;
    }
    if (last !== null && !isTruncated(last)) cache.put(question, last, clock.now());
    return last;
  };
}

type Exchange = {
  readonly asked: Buffer;
  readonly server: string;
  readonly port: number;
  readonly timeoutMs: DurationMs;
  readonly clock: Clock;
};

function overUdp({ asked, server, port, timeoutMs, clock }: Exchange): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    let isOver = false;
    const end = (answer: Buffer | null): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      socket.close();
      resolve(answer);
    };
    const timer = clock.setTimer(timeoutMs, () => end(null));
    socket.on('error', () => end(null));
    socket.on('message', (bytes) => {
      if (isAnswerTo(bytes, asked) && packetIn(bytes) !== null) end(bytes);
    });
    // Connected: nothing else than this server is heard.
    socket.connect(port, server, () => {
      if (!isOver) socket.send(asked, () => {});
    });
  });
}

function overTcp({ asked, server, port, timeoutMs, clock }: Exchange): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: server, port });
    const end = (answer: Buffer | null): void => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.setTimer(timeoutMs, () => end(null));
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on(
      'data',
      takeMessages((bytes) => {
        if (isAnswerTo(bytes, asked) && packetIn(bytes) !== null) end(bytes);
      }),
    );
    socket.write(writeMessage(asked));
  });
}
