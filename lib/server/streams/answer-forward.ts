import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import { ApiError } from '../../api/api-error.ts';
import { limits } from '../../base/limits.ts';
import type { Exchange } from '../exchange.ts';
import type { Target } from '../resources/target.ts';
import { writeText } from '../wire/write-response.ts';
import { forwardOverSpdy, SPDY_FORWARD_PROTOCOLS } from './spdy/forward-spdy.ts';
import { openSpdy, spdyProtocol } from './spdy/open-spdy.ts';
import { streamedPod } from './streamed-pod.ts';
import {
  CHANNEL_FORWARD_PROTOCOLS,
  forwardedPorts,
  forwardOverChannels,
} from './websocket/forward-channels.ts';
import { openWebSocket, webSocketProtocol } from './websocket/open-websocket.ts';

/** Frames of SPDY in the messages of a WebSocket. Source: client-go portforward.constants. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';

/** Port-forward: over SPDY, over SPDY in a WebSocket, or over channels. Refusals are answered as HTTP. */
export async function answerForward(exchange: Exchange, target: Target): Promise<void> {
  const { clock } = exchange.deps;
  const { pod, agent } = await streamedPod(exchange, target);
  const node = agent();
  const { upgrade } = exchange;
  if (upgrade === null) throw new ApiError('BadRequest', 'Upgrade request required');
  const { name, uid = '' } = pod.metadata;
  if (pod.status?.phase !== 'Running') {
    writeText(
      exchange.response,
      500,
      `pod not found (${JSON.stringify(`${name}_${target.info.namespace}`)})`,
    );
    return;
  }
  const connect = (port: number): Promise<Duplex> =>
    node.forward({ namespace: target.info.namespace, pod: name }, port);
  const common = { clock, connect, pod: { name, uid } };
  if (upgrade.protocol === 'spdy') {
    const protocol = spdyProtocol(exchange, SPDY_FORWARD_PROTOCOLS);
    if (protocol !== null) await forwardOverSpdy(openSpdy(exchange, protocol), common);
    return;
  }
  const protocol = webSocketProtocol(exchange, [TUNNEL, ...CHANNEL_FORWARD_PROTOCOLS]);
  if (protocol === TUNNEL) {
    const tunnel = createWebSocketStream(openWebSocket(exchange, protocol), {
      highWaterMark: limits.streamBufferBytesMax,
    });
    return forwardOverSpdy(tunnel, common);
  }
  const ports = forwardedPorts(exchange.query);
  return forwardOverChannels(openWebSocket(exchange, protocol), { ...common, protocol, ports });
}
