import { closeSync, constants, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { ExecSession } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import { drained } from '../../base/drained.ts';
import { codeOf } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';
import { containerFiles, type Stream } from './container-directory.ts';
import type { ExecStreams } from './exec-client.ts';
import { LogCursor } from './log-cursor.ts';

/**
 * Joins a container's streams: what it writes from now on, as it comes, and its stdin where it has one (the named pipe keeps open
 * when we go). Ends with the container, or when killed, which leaves the container alone.
 */
export function attachTo(
  container: {
    readonly directory: string;
    readonly stdin: StdinPipe | null;
    readonly resize: ExecSession['resize'];
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
  const closeStdin = streams.stdin === undefined ? () => {} : feed(container.stdin, streams.stdin);
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
  return { exited, resize: container.resize, kill: detach };
}

function write(output: Writable | undefined, bytes: Buffer): Promise<void> {
  if (output === undefined || output.destroyed || output.write(bytes)) return Promise.resolve();
  return drained(output);
}

/** Where a client's stdin goes. `holdPath`: what holds it open until its first client ends; null: it stays open. */
type StdinPipe = { readonly path: string; readonly holdPath: string | null };

/** Of the container in this directory; null where it reads none, or none any more. */
export function stdinPipe(directory: string): StdinPipe | null {
  const path = join(directory, containerFiles.stdin);
  const holdPath = join(directory, containerFiles.hold);
  return existsSync(path) ? { path, holdPath: existsSync(holdPath) ? holdPath : null } : null;
}

/** Passes stdin on; what it returns lets go of it. */
function feed(to: StdinPipe | null, stdin: NonNullable<ExecStreams['stdin']>): () => void {
  stdin.on('error', () => {});
  if (to === null) {
    // Nobody reads it.
    stdin.resume();
    return () => {};
  }
  // Both ways, so that opening does not wait for the other side.
  const fd = openSync(to.path, constants.O_RDWR | constants.O_NONBLOCK);
  let pipe: Socket;
  try {
    pipe = new Socket({ fd, readable: false, writable: true });
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  pipe.on('error', () => {});
  pipe.on('close', () => letGo(to));
  stdin.pipe(pipe);
  return () => {
    stdin.unpipe(pipe);
    pipe.destroy();
  };
}

/** Where stdin is to end with its first client, it ends now: nobody else holds it open. */
function letGo({ path, holdPath }: StdinPipe): void {
  if (holdPath === null) return;
  try {
    const fd = openSync(holdPath, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(fd, '\n');
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    // What held it has ended, with the container or by another client.
    const code = codeOf(thrown);
    if (code !== 'ENXIO' && code !== 'ENOENT' && code !== 'EPIPE') throw thrown;
  }
  // CRASH: the next client does the same again. In this order: without the first there is no stdin, whatever else is there.
  rmSync(path, { force: true });
  rmSync(holdPath, { force: true });
}
