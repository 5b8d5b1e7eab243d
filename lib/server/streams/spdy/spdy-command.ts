import type { Duplex } from 'node:stream';
import { finished } from 'node:stream';
import type { Clock } from '../../../base/clock.ts';
import { timings } from '../../../base/limits.ts';
import type { CommandOptions } from '../command-options.ts';
import { statusBytes } from '../command-status.ts';
import type { CommandClient } from '../run-command.ts';
import { tendConnection } from '../tend-connection.ts';
import { SpdySession } from './spdy-session.ts';
import type { SpdyStream } from './spdy-stream.ts';

/** Since v4 a status is JSON, since v3 a terminal has sizes; v5 is v4 here. Source: apimachinery remotecommand. */
export const SPDY_COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const;
export type SpdyCommandProtocol = (typeof SPDY_COMMAND_PROTOCOLS)[number];

const WITH_JSON: ReadonlySet<string> = new Set(['v5.channel.k8s.io', 'v4.channel.k8s.io']);
const WITH_SIZES: ReadonlySet<string> = new Set([...WITH_JSON, 'v3.channel.k8s.io']);

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/**
 * The client of a command over SPDY, once it has opened all its streams, each of which says what it is for. Null: it did not in
 * time, or went away, and the connection is over.
 */
export async function spdyCommand(
  transport: Duplex,
  options: {
    readonly wanted: Pick<CommandOptions, 'stdin' | 'stdout' | 'stderr' | 'tty'>;
    readonly protocol: SpdyCommandProtocol;
    readonly clock: Clock;
  },
): Promise<CommandClient | null> {
  const { wanted, protocol, clock } = options;
  const expected = new Set<string>(['error']);
  for (const type of ['stdin', 'stdout', 'stderr'] as const) if (wanted[type]) expected.add(type);
  if (wanted.tty && WITH_SIZES.has(protocol)) expected.add('resize');
  const streams = new Map<string, SpdyStream>();
  const opened = Promise.withResolvers<boolean>();
  const session = new SpdySession(transport, (stream) => {
    const type = stream.headers.get('streamtype')?.toLowerCase() ?? '';
    if (!expected.has(type) || streams.has(type)) return false;
    streams.set(type, stream);
    if (streams.size === expected.size) opened.resolve(true);
    return true;
  });
  void session.ended.then(() => opened.resolve(false));
  const late = clock.setTimer(timings.streamCreationMs, () => session.destroy());
  const complete = await opened.promise;
  late.cancel();
  if (!complete) return null;
  const tending = tendConnection(clock, session);
  void session.ended.then(() => tending.cancel());
  const stream = (type: StreamType): SpdyStream | undefined => streams.get(type);
  const error = stream('error');
  // Nothing is read of these.
  for (const each of [error, stream('stdout'), stream('stderr')]) each?.resume();
  const stdin = stream('stdin');
  const stdout = stream('stdout');
  const stderr = stream('stderr');
  const resize = stream('resize');
  return {
    ...(stdin && { stdin }),
    ...(stdout && { stdout }),
    ...(stderr && { stderr }),
    ...(resize && { resize }),
    ended: session.ended,
    finish: async (status) => {
      const sent = Promise.withResolvers<void>();
      if (error === undefined || error.destroyed) sent.resolve();
      else {
        finished(error, { readable: false }, () => sent.resolve());
        error.end(statusBytes(status, { asJson: WITH_JSON.has(protocol) }));
      }
      const cut = clock.setTimer(timings.streamCloseMs, () => session.destroy());
      await Promise.race([sent.promise, session.ended]);
      void session.close();
      await session.ended;
      cut.cancel();
    },
  };
}
