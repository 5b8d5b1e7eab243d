import { accessSync, constants } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { companionPaths } from '../base/companion/companion-paths.ts';
import { codeOf, UserError, WorldError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { ControlAnswer, ControlMethod, DaemonEvent } from './control-protocol.ts';

/** Codes with which a socket says that nobody listens. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Asks the daemon of a data directory. UserError NO_DAEMON when none runs there; UserError with the daemon's own code when
 * it refuses.
 */
export async function callDaemon(
  dataDirectory: string,
  method: ControlMethod,
  body: JsonObject = {},
): Promise<JsonValue> {
  const answer = JSON.parse(await post(dataDirectory, method, JSON.stringify(body))) as ControlAnswer;
  if (answer.ok) return answer.result;
  throw new UserError(answer.code, answer.message);
}

function post(dataDirectory: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath: socketOf(dataDirectory), path: `/${path}`, method: 'POST' },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      },
    );
    sent.on('error', (error) => reject(asNoDaemon(error, dataDirectory)));
    sent.end(body);
  });
}

/** What happens in the daemon, as it happens, until it ends or `signal` aborts. */
export async function* daemonEvents(dataDirectory: string, signal: AbortSignal): AsyncIterable<DaemonEvent> {
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const sent = request({ socketPath: socketOf(dataDirectory), path: '/events', signal }, resolve);
    sent.on('error', (error) => reject(asNoDaemon(error, dataDirectory)));
    sent.end();
  });
  try {
    for await (const line of createInterface({ input: response })) yield JSON.parse(line) as DaemonEvent;
  } catch (thrown) {
    if (!signal.aborted) throw new WorldError('DAEMON_GONE', 'the daemon ended', {}, thrown);
  }
}

/** Asking makes nothing: a data directory that is not there has no daemon. */
function socketOf(dataDirectory: string): string {
  try {
    accessSync(join(dataDirectory, 'control'), constants.X_OK);
  } catch (thrown) {
    if (codeOf(thrown) === 'EACCES')
      throw new UserError('DATA_DIRECTORY_DENIED', `${dataDirectory} belongs to another user`);
    throw noDaemon(dataDirectory);
  }
  return companionPaths({ dataDirectory, name: 'control' }).socketPath;
}

function asNoDaemon(error: Error, dataDirectory: string): Error {
  return NOBODY.has(codeOf(error) ?? '') ? noDaemon(dataDirectory) : error;
}

function noDaemon(dataDirectory: string): UserError {
  const what = 'start one with pintle up, or name its directory with --data';
  return new UserError('NO_DAEMON', `no daemon runs on ${dataDirectory}; ${what}`);
}
