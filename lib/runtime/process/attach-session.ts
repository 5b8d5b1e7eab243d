import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { ExecSession } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { drained } from '../../base/drained.ts';
import { timings } from '../../base/limits.ts';
import type { Stream } from '../agent/container-directory.ts';
import { LogCursor } from '../agent/log-cursor.ts';
import type { ExecStreams } from './exec-client.ts';

/**
 * Joins a container's streams: what it writes from now on, as it comes, and its stdin where it has one (the named pipe keeps open
 * when we go). Ends with the container, or when killed, which leaves the container alone.
 */
export function attachTo(
  container: {
    readonly directory: string;
    /** Path of the named pipe; null: it reads nothing. */
    readonly stdinPath: string | null;
    /** The exit code; undefined while it runs. */
    readonly exitCode: () => number | null | undefined;
  },
  streams: ExecStreams,
  clock: Clock,
): ExecSession {
  const detached = Promise.withResolvers<null>();
  let open = true;
  const detach = (): void => {
    open = false;
    detached.resolve(null);
  };
  const closeStdin =
    streams.stdin === undefined || container.stdinPath === null
      ? () => {}
      : feed(container.stdinPath, streams.stdin);
  const pump = async (stream: Stream, output: Writable | undefined): Promise<void> => {
    const cursor = new LogCursor(container.directory, stream, clock);
    await cursor.seekEnd();
    while (open) {
      const ended = container.exitCode() !== undefined;
      const lines = [...(await cursor.read())];
      const partial = cursor.takePartial();
      for (const line of partial === null ? lines : [...lines, partial]) {
        await write(output, line.ended ? Buffer.concat([line.bytes, Buffer.from('\n')]) : line.bytes);
      }
      if (lines.length === 0 && ended) return;
      if (lines.length === 0)
        await new Promise<void>((done) => void clock.setTimer(timings.attachPollMs, done));
    }
  };
  const pumped = Promise.all([pump('stdout', streams.stdout), pump('stderr', streams.stderr)]);
  const exited = Promise.race([pumped.then(() => container.exitCode() ?? null), detached.promise]).finally(
    () => {
      open = false;
      closeStdin();
    },
  );
  return { exited, resize: () => {}, kill: detach };
}

function write(output: Writable | undefined, bytes: Buffer): Promise<void> {
  if (output === undefined || output.destroyed || output.write(bytes)) return Promise.resolve();
  return drained(output);
}

function feed(path: string, stdin: NonNullable<ExecStreams['stdin']>): () => void {
  // Both ways, so that opening does not wait for the other side.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  let pipe: Socket;
  try {
    pipe = new Socket({ fd, readable: false, writable: true });
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  pipe.on('error', () => {});
  stdin.on('error', () => {});
  stdin.pipe(pipe);
  return () => {
    stdin.unpipe(pipe);
    pipe.destroy();
  };
}
