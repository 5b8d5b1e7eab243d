import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CompanionPaths } from '../../base/companion/companion-paths.ts';
import { type CompanionServer, serveCompanion } from '../../base/companion/companion-server.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { DataPlane } from './data-plane.ts';
import { OLDEST_CALLER, PROXY_REVISION } from './protocol.ts';
import { NOTHING, type ProxyState, parseProxyState, proxyStateJson } from './proxy-state.ts';
import type { ListenFailure } from './proxy-table.ts';

/**
 * Runs the Service proxy until it retires or is told to end (`left` resolves). Killed at any point, the next one listens as the table
 * on disk says before anybody connects to it. The caller holds the instance lock.
 */
export async function runProxy(options: {
  readonly paths: CompanionPaths;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<{ readonly left: Promise<void> }> {
  const { paths, clock, random, log } = options;
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const tablePath = join(paths.directory, 'table.json');
  let server: CompanionServer | null = null;
  const onFailures = (failures: readonly ListenFailure[]): void => {
    for (const peer of server?.peers() ?? []) peer.notify('failures', { failures: jsonOf(failures) });
  };
  const plane = new DataPlane({ clock, random, log, onFailures });
  const close = (): void => {
    plane.close();
    server?.close();
    leave();
  };
  const shutDown = async (): Promise<void> => {
    try {
      await plane.shutDown();
      // CRASH: the next one would find a state that is no more, and make it again; whoever ends it asks it to end as well.
      rmSync(tablePath, { force: true });
    } finally {
      close();
    }
  };
  try {
    await plane.apply(readState(tablePath, log));
  } catch (thrown) {
    // The daemon tells it again, and hears why it cannot be.
    log.error('state-not-applied', { message: messageOf(thrown) });
  }
  let turn: Promise<unknown> = Promise.resolve();
  server = await serveCompanion(paths, {
    revision: PROXY_REVISION,
    oldestCaller: OLDEST_CALLER,
    accept: () => ({
      onRequest: async (method, data) => {
        if (method === 'set-table') {
          const next = turn.then(() => setState(plane, tablePath, data));
          turn = next.catch(() => {});
          return await next;
        }
        if (method !== 'shut-down') throw new WorldError('METHOD_UNKNOWN', `no such method: ${method}`);
        await turn;
        // The answer goes out first.
        setImmediate(() => void shutDown());
        return null;
      },
    }),
    mayRetire: () => true,
    retire: close,
  });
  leaveWithDirectory(paths.directory, clock, () => void shutDown());
  log.info('proxy-ready', { revision: PROXY_REVISION });
  return { left };
}

async function setState(plane: DataPlane, path: string, data: JsonObject): Promise<JsonObject> {
  const state = parseProxyState(data);
  if (state === null) throw new WorldError('REQUEST_INVALID', 'not a state');
  writeFileSync(`${path}.next`, JSON.stringify(proxyStateJson(state)), { mode: 0o600 });
  renameSync(`${path}.next`, path);
  // CRASH: the next proxy reads what was just written.
  await plane.apply(state);
  return { failures: jsonOf(plane.failures()), carrier: plane.carrier && { ...plane.carrier } };
}

function readState(path: string, log: Log): ProxyState {
  if (!existsSync(path)) return NOTHING;
  try {
    return parseProxyState(JSON.parse(readFileSync(path, 'utf8'))) ?? NOTHING;
  } catch (thrown) {
    // The daemon brings a whole one when it connects.
    log.warn('table-unreadable', { path, message: messageOf(thrown) });
    return NOTHING;
  }
}

function jsonOf(failures: readonly ListenFailure[]): readonly JsonValue[] {
  return failures.map((failure) => ({ ...failure }));
}

/** The data directory was deleted under us: nobody will ever come back. */
function leaveWithDirectory(directory: string, clock: Clock, close: () => void): void {
  clock.setTimer(timings.companionAloneMs, () => {
    if (existsSync(directory)) leaveWithDirectory(directory, clock, close);
    else close();
  });
}
