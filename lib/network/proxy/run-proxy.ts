import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CompanionPaths } from '../../base/companion/companion-paths.ts';
import { type CompanionServer, serveCompanion } from '../../base/companion/companion-server.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { OLDEST_CALLER, PROXY_REVISION } from './protocol.ts';
import { type ListenFailure, type ProxyTable, parseProxyTable } from './proxy-table.ts';
import { ServiceProxy } from './service-proxy.ts';

/**
 * Runs the Service proxy until it retires or is told to end (`left` resolves). Killed at any point, the next one listens as the table
 * on disk says before anybody connects to it. The caller holds the instance lock.
 */
export async function runProxy(options: {
  readonly paths: CompanionPaths;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<{ readonly left: Promise<void> }> {
  const { paths, clock, log } = options;
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const tablePath = join(paths.directory, 'table.json');
  let server: CompanionServer | null = null;
  const proxy = new ServiceProxy(clock, (failures) => {
    for (const peer of server?.peers() ?? []) peer.notify('failures', { failures: jsonOf(failures) });
  });
  const close = (): void => {
    proxy.close();
    server?.close();
    leave();
  };
  await proxy.apply(readTable(tablePath, log));
  let turn: Promise<unknown> = Promise.resolve();
  server = await serveCompanion(paths, {
    revision: PROXY_REVISION,
    oldestCaller: OLDEST_CALLER,
    accept: () => ({
      onRequest: async (method, data) => {
        if (method === 'set-table') {
          const next = turn.then(() => setTable(proxy, tablePath, data));
          turn = next.catch(() => {});
          return await next;
        }
        if (method !== 'shut-down') throw new WorldError('METHOD_UNKNOWN', `no such method: ${method}`);
        setImmediate(close);
        return null;
      },
    }),
    mayRetire: () => true,
    retire: close,
  });
  leaveWithDirectory(paths.directory, clock, close);
  log.info('proxy-ready', { revision: PROXY_REVISION });
  return { left };
}

async function setTable(proxy: ServiceProxy, path: string, data: JsonObject): Promise<JsonObject> {
  const table = parseProxyTable(data.table);
  if (table === null) throw new WorldError('REQUEST_INVALID', 'not a table');
  writeFileSync(`${path}.next`, JSON.stringify(table), { mode: 0o600 });
  renameSync(`${path}.next`, path);
  // CRASH: the next proxy reads what was just written.
  await proxy.apply(table);
  return { failures: jsonOf(proxy.failures()) };
}

function readTable(path: string, log: Log): ProxyTable {
  if (!existsSync(path)) return [];
  try {
    return parseProxyTable(JSON.parse(readFileSync(path, 'utf8'))) ?? [];
  } catch (thrown) {
    // The daemon brings a whole one when it connects.
    log.warn('table-unreadable', { path, message: messageOf(thrown) });
    return [];
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
