import { finished, type Readable, type Writable } from 'node:stream';
import type { ExecSession } from '../../api/node-agent.ts';
import type { JsonObject } from '../../base/json.ts';
import { apiErrorOf } from '../wire/status-object.ts';
import { brokenStatus } from './command-status.ts';
import { terminalSizes } from './terminal-sizes.ts';

/** A client of exec or attach, once its streams are there. */
export type CommandClient = {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Sizes of its terminal, as JSON. */
  readonly resize?: Readable;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  /** The last word. */
  finish(status: JsonObject): Promise<void>;
};

export type CommandStreams = Pick<CommandClient, 'stdin' | 'stdout' | 'stderr'>;

/**
 * Joins a client and what it runs, until one of them is over: a client that goes away ends the session; one whose command ended gets
 * all that it wrote, then the status.
 */
export async function runCommand(
  client: CommandClient,
  command: {
    start(streams: CommandStreams): Promise<ExecSession>;
    statusOf(exitCode: number | null): JsonObject;
    /** For the failure's text: `error executing command in container`. */
    readonly failing: string;
  },
): Promise<void> {
  const { stdin, stdout, stderr } = client;
  let session: ExecSession;
  try {
    session = await command.start({
      ...(stdin && { stdin }),
      ...(stdout && { stdout }),
      ...(stderr && { stderr }),
    });
  } catch (thrown) {
    return client.finish(brokenStatus(command.failing, apiErrorOf(thrown)));
  }
  const readSizes = terminalSizes();
  client.resize?.on('data', (chunk: Buffer) => {
    for (const size of readSizes(chunk)) session.resize(size);
  });
  const gone = Symbol('gone');
  const first = await Promise.race([session.exited, client.ended.then((): typeof gone => gone)]);
  if (first === gone) {
    session.kill();
    return;
  }
  await Promise.all([stdout, stderr].map((output) => flushed(output, client.ended)));
  await client.finish(command.statusOf(first));
}

/** Ends an output; resolves when all of it has gone to the client, or the client has. */
async function flushed(output: Writable | undefined, ended: Promise<void>): Promise<void> {
  if (output === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  finished(output, { readable: false }, () => resolve());
  output.end();
  await Promise.race([promise, ended]);
}
