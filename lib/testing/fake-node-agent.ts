import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ContainerTarget, ExecOptions, ExecSession, NodeAgent, NodeAgents } from '../api/node-agent.ts';
import { WorldError } from '../base/errors.ts';

export type FakeSession = {
  readonly target: ContainerTarget;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly sizes: string[];
  killed: boolean;
  /** What `yes` has written. */
  writtenBytes: number;
};

/** An agent that runs no processes: exec has a few commands in itself, attach is `cat`. */
export type FakeNodeAgent = {
  readonly nodes: NodeAgents;
  readonly sessions: readonly FakeSession[];
};

/** `forwardTo` is where port 7 of every pod leads; no other answers. */
export function fakeNodeAgent(options: { readonly forwardTo?: number } = {}): FakeNodeAgent {
  const sessions: FakeSession[] = [];
  const start = (target: ContainerTarget, { command, tty = false, ...streams }: ExecOptions): ExecSession => {
    const session: FakeSession = { target, command, tty, sizes: [], killed: false, writtenBytes: 0 };
    sessions.push(session);
    const { promise: exited, resolve: exit } = Promise.withResolvers<number | null>();
    run({ command, streams, session, exit });
    return {
      exited,
      resize: ({ columns, rows }) => void session.sizes.push(`${columns}x${rows}`),
      kill: () => {
        session.killed = true;
        exit(null);
      },
    };
  };
  const agent: NodeAgent = {
    nodeName: 'node',
    run: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    endPods: () => Promise.resolve(),
    nodeUsage: () => null,
    removeVolumeData: () => Promise.resolve(),
    // biome-ignore lint/correctness/useYield: It has no logs.
    logs: async function* () {
      throw new WorldError('DRIVER_FAILED', 'no logs');
    },
    exec: async (target, given) => {
      if (given.command[0] === 'broken') throw new WorldError('AGENT_DOWN', 'the agent is down');
      return start(target, given);
    },
    attach: async (target, given) => start(target, { ...given, command: ['cat'] }),
    forward: (_target, port) => connected(port === 7 ? (options.forwardTo ?? 0) : 0),
    stats: () => Promise.resolve([]),
  };
  return { nodes: { agent: (name) => (name === 'node' ? agent : undefined), all: () => [agent] }, sessions };
}

function run(of: {
  readonly command: readonly string[];
  readonly streams: Omit<ExecOptions, 'command' | 'tty'>;
  readonly session: FakeSession;
  readonly exit: (code: number | null) => void;
}): void {
  const { command, streams, session, exit } = of;
  const [program, ...args] = command;
  const { stdin, stdout, stderr } = streams;
  switch (program) {
    case 'echo':
      stdout?.write(args.join(' '));
      exit(0);
      return;
    case 'fail':
      stderr?.write('it failed');
      exit(Number(args[0]));
      return;
    case 'cat':
      stdin?.on('data', (chunk: Buffer) => {
        if (stdout === undefined || stdout.write(chunk)) return;
        stdin.pause();
        stdout.once('drain', () => stdin.resume());
      });
      stdin?.on('end', () => exit(0));
      return;
    case 'yes': {
      const chunk = Buffer.alloc(16 * 1024, 'y');
      const go = (): void => {
        while (!session.killed && stdout !== undefined && !stdout.destroyed) {
          session.writtenBytes += chunk.length;
          if (!stdout.write(chunk)) return void stdout.once('drain', go);
        }
      };
      go();
      return;
    }
    default:
      // It reads nothing, writes nothing and does not end.
      return;
  }
}

function connected(port: number): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  if (port === 0) {
    reject(new WorldError('DRIVER_FAILED', 'connection refused'));
    return promise;
  }
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.once('error', reject);
  socket.once('connect', () => resolve(socket));
  return promise;
}
