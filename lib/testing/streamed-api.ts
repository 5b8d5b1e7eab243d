import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { isObject, type JsonObject } from '../base/json.ts';
import { type ManualClock, manualClock } from '../base/manual-clock.ts';
import type { ServerBounds } from '../server/api-server.ts';
import { type FakeSession, fakeNodeAgent } from './fake-node-agent.ts';
import { type ServedApi, servedApi } from './served-api.ts';

const caller = { user: 'test', groups: ['system:masters'], fieldManager: 'test' } as const;

/** What a WebSocket client has got, by channel. */
export type ChannelClient = {
  readonly socket: WebSocket;
  readonly texts: Map<number, string>;
  /** The status channel, once there is something on it. */
  status(): JsonObject | null;
  send(channel: number, content: string | Buffer): void;
  ended(): boolean;
};

export type StreamedApi = ServedApi & {
  readonly clock: ManualClock;
  readonly sessions: readonly FakeSession[];
  /** Opens a WebSocket; fails where it is not upgraded. */
  channels(path: string, protocols: readonly string[]): Promise<ChannelClient>;
};

export const PODS = '/api/v1/namespaces/default/pods';

/**
 * The API with pods `box` (container main, runs), `two` (main and side, run), `done` (has ended) and `new` (no node yet), over an agent
 * that runs no processes; port 7 of pods echoes until it is told `end`, and ends its side then.
 */
export async function streamedApi(
  t: Pick<ExecutionContext, 'teardown'>,
  { bounds }: { readonly bounds?: ServerBounds } = {},
): Promise<StreamedApi> {
  const clock = manualClock(Date.now());
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('end', () => socket.end('<ended>'));
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  const agent = fakeNodeAgent({
    forwardTo: isObject(address) && typeof address.port === 'number' ? address.port : 0,
  });
  const served = await servedApi(t, { clock, nodes: agent.nodes, ...(bounds && { bounds }) });
  t.teardown(() => void echo.close());
  await makePods(served);
  return {
    ...served,
    clock,
    sessions: agent.sessions,
    channels: (path, protocols) => channelClient(served, path, protocols),
  };
}

async function makePods({ client }: ServedApi): Promise<void> {
  const pods = [
    { name: 'box', containers: ['main'], node: 'node', phase: 'Running' },
    { name: 'two', containers: ['main', 'side'], node: 'node', phase: 'Running' },
    { name: 'done', containers: ['main'], node: 'node', phase: 'Succeeded' },
    { name: 'new', containers: ['main'], node: null, phase: 'Pending' },
  ] as const;
  for (const { name, containers, node, phase } of pods) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        ...(node !== null && { nodeName: node }),
        containers: containers.map((each) => ({ name: each, image: 'host' })),
      },
    };
    const made = await client.create(pod, caller);
    const state = phase === 'Running' ? { running: {} } : { terminated: { exitCode: 0 } };
    const containerStatuses = containers.map((each) => ({
      ...{ name: each, image: 'host', imageID: '', ready: true, restartCount: 0 },
      state: phase === 'Pending' ? { waiting: {} } : state,
    }));
    await client.update({ ...made, status: { phase, containerStatuses } }, caller, { subresource: 'status' });
  }
}

async function channelClient(
  { server, certificates }: ServedApi,
  path: string,
  protocols: readonly string[],
): Promise<ChannelClient> {
  const { authority, admin } = certificates;
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, [...protocols], {
    ca: authority.certificatePem,
    cert: admin.certificatePem,
    key: admin.keyPem,
  });
  const texts = new Map<number, string>();
  let over = false;
  socket.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    const channel = isBinary ? data.readUInt8(0) : data.readUInt8(0) - 48;
    const payload = isBinary ? data.subarray(1) : Buffer.from(data.toString('latin1', 1), 'base64');
    texts.set(channel, (texts.get(channel) ?? '') + payload.toString('latin1'));
  });
  socket.on('close', () => {
    over = true;
  });
  await once(socket, 'open');
  socket.on('error', () => undefined);
  return {
    socket,
    texts,
    ended: () => over,
    status: () => {
      const text = texts.get(3) ?? '';
      const value: unknown = text.startsWith('{') ? JSON.parse(text) : null;
      return isObject(value) ? value : null;
    },
    send: (channel, content) => {
      const bytes = Buffer.from(content);
      if (socket.protocol.includes('base64')) socket.send(`${channel}${bytes.toString('base64')}`);
      else socket.send(Buffer.concat([Buffer.of(channel), bytes]));
    },
  };
}
