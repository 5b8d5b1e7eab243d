import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { ApiError } from '../../../api/api-error.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { limits, timings } from '../../../base/limits.ts';
import { forwardPort } from '../forward-port.ts';
import { portOf } from '../spdy/forward-spdy.ts';
import { tendConnection } from '../tend-connection.ts';
import { WebSocketChannels } from './web-socket-channels.ts';
import { codecOf } from './web-socket-command.ts';

export const CHANNEL_FORWARD_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const;
export type ChannelForwardProtocol = (typeof CHANNEL_FORWARD_PROTOCOLS)[number];

/** The ports of the query. BadRequest. Source: kubelet portforward NewV4Options. */
export function forwardedPorts(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((text) => text.split(','));
  if (texts.length === 0) throw new ApiError('BadRequest', 'query parameter "port" is required');
  if (texts.length > limits.forwardedPortsMax) {
    throw new ApiError('BadRequest', `more than ${limits.forwardedPortsMax} ports`);
  }
  return texts.map((text) => {
    const port = portOf(text);
    if (port === null) throw new ApiError('BadRequest', `invalid port ${JSON.stringify(text)}`);
    return port;
  });
}

/**
 * Port-forward over channels: two for each port, data and error, which both begin with the port in two bytes, little end first. One
 * connection for each port, made at once. Resolves when the client is gone, or all of them have ended.
 */
export async function forwardOverChannels(
  socket: WebSocket,
  options: {
    readonly clock: Clock;
    readonly protocol: ChannelForwardProtocol;
    readonly ports: readonly number[];
    readonly pod: { readonly name: string; readonly uid: string };
    connect(port: number): Promise<Duplex>;
  },
): Promise<void> {
  const { clock, pod, ports, connect } = options;
  const channels = new WebSocketChannels(socket, codecOf(options.protocol), { channelsClose: false });
  const tending = tendConnection(clock, channels);
  let open = ports.length;
  const closing: Timer[] = [];
  ports.forEach((port, at) => {
    const data = Duplex.from({ readable: channels.input(2 * at), writable: channels.output(2 * at) });
    const error = channels.output(2 * at + 1);
    data.on('error', () => undefined);
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    data.write(number);
    error.write(number);
    error.on('finish', () => {
      open -= 1;
      if (open > 0) return;
      closing.push(clock.setTimer(timings.streamCloseMs, () => channels.destroy()));
      channels.close();
    });
    void channels.ended.then(() => data.destroy());
    void forwardPort({ data, error }, { port, pod: pod.name, uid: pod.uid, connect: () => connect(port) });
  });
  await channels.ended;
  tending.cancel();
  for (const timer of closing) timer.cancel();
}
