import type { WebSocket } from 'ws';
import type { Clock } from '../../../base/clock.ts';
import { timings } from '../../../base/limits.ts';
import type { CommandOptions } from '../command-options.ts';
import { statusBytes } from '../command-status.ts';
import type { CommandClient } from '../run-command.ts';
import { tendConnection } from '../tend-connection.ts';
import { base64Codec, binaryCodec, type ChannelCodec } from './channel-codec.ts';
import { WebSocketChannels } from './web-socket-channels.ts';

/** '': none was named. v2 and v3 there are only over SPDY. Source: apimachinery remotecommand, wsstream. */
export const WEBSOCKET_COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const;
export type WebSocketCommandProtocol = (typeof WEBSOCKET_COMMAND_PROTOCOLS)[number];

export function codecOf(protocol: string): ChannelCodec {
  return protocol.includes('base64') ? base64Codec : binaryCodec;
}

/** Source: apimachinery remotecommand. */
const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const;

/** The client of a command over a WebSocket. */
export function webSocketCommand(
  socket: WebSocket,
  options: {
    readonly wanted: Pick<CommandOptions, 'stdin' | 'stdout' | 'stderr' | 'tty'>;
    readonly protocol: WebSocketCommandProtocol;
    readonly clock: Clock;
  },
): CommandClient {
  const { wanted, protocol, clock } = options;
  const channels = new WebSocketChannels(socket, codecOf(protocol), {
    channelsClose: protocol === 'v5.channel.k8s.io',
  });
  const tending = tendConnection(clock, channels);
  void channels.ended.then(() => tending.cancel());
  // An empty message on the lowest channel says that it has begun.
  const first = wanted.stdout ? CHANNELS.stdout : wanted.stderr ? CHANNELS.stderr : CHANNELS.status;
  channels.send(first, Buffer.alloc(0), () => undefined);
  return {
    ...(wanted.stdin && { stdin: channels.input(CHANNELS.stdin) }),
    ...(wanted.stdout && { stdout: channels.output(CHANNELS.stdout) }),
    ...(wanted.stderr && { stderr: channels.output(CHANNELS.stderr) }),
    ...(wanted.tty && { resize: channels.input(CHANNELS.resize) }),
    ended: channels.ended,
    finish: async (status) => {
      const cut = clock.setTimer(timings.streamCloseMs, () => channels.destroy());
      const bytes = statusBytes(status, { asJson: protocol.startsWith('v') });
      if (bytes.length > 0) channels.send(CHANNELS.status, bytes, () => undefined);
      channels.close();
      await channels.ended;
      cut.cancel();
    },
  };
}
