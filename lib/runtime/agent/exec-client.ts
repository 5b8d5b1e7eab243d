import type { Readable, Writable } from 'node:stream';
import type { ExecSession } from '../../api/node-agent.ts';
import { channels } from '../../base/companion/frame.ts';
import type { Peer } from '../../base/companion/peer.ts';
import { drained } from '../../base/drained.ts';
import type { AgentClient } from './agent-client.ts';

export type ExecStreams = {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
};

/**
 * Runs a command in a container over a connection of its own. Output that nobody reads holds the command back.
 * Throws WorldError CONTAINER_NOT_RUNNING | AGENT_DOWN. A connection that breaks ends the session with null.
 */
export async function execOverAgent(
  agent: AgentClient,
  request: { readonly id: string; readonly command: readonly string[]; readonly tty: boolean },
  streams: ExecStreams,
): Promise<ExecSession> {
  const { promise: exited, resolve: exit } = Promise.withResolvers<number | null>();
  const outputs = new Map([
    [channels.stdout as number, streams.stdout],
    [channels.stderr as number, streams.stderr],
  ]);
  const peer: Peer = await agent.dedicated({
    onBytes: (channel, bytes) => {
      const output = outputs.get(channel);
      if (output === undefined || output.destroyed || output.write(bytes)) return;
      peer.pause();
      void drained(output).then(() => peer.resume());
    },
    onNotice: (event, data) => {
      if (event !== 'exit') return;
      exit(typeof data.code === 'number' ? data.code : null);
      peer.close();
    },
  });
  void peer.gone.then(() => exit(null));
  for (const output of outputs.values()) output?.on('error', () => peer.close());
  const argv = [...request.command];
  try {
    await peer.request('exec', {
      id: request.id,
      argv,
      stdin: streams.stdin !== undefined,
      tty: request.tty,
    });
  } catch (thrown) {
    peer.close();
    throw thrown;
  }
  if (streams.stdin !== undefined) feedStdin(peer, streams.stdin);
  return {
    exited,
    resize: (size) => peer.notify('resize', size),
    kill: () => peer.notify('kill', {}),
  };
}

function feedStdin(peer: Peer, stdin: Readable): void {
  stdin.on('data', (chunk: Buffer | string) => {
    if (peer.write(channels.stdin, Buffer.from(chunk))) return;
    stdin.pause();
    void peer.drained().then(() => stdin.resume());
  });
  const end = (): void => peer.notify('stdin-end', {});
  stdin.on('end', end);
  stdin.on('error', end);
  void peer.gone.then(() => stdin.destroy());
}
