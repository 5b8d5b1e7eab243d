import { existsSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import type { CompanionPaths } from '../../base/companion/companion-paths.ts';
import { type CompanionServer, serveCompanion } from '../../base/companion/companion-server.ts';
import type { Peer, PeerListener } from '../../base/companion/peer.ts';
import { assertNever, messageOf, WorldError } from '../../base/errors.ts';
import { isArray, type JsonObject, type JsonValue } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { removeTree } from '../../base/remove-tree.ts';
import { ContainerTable } from './container-table.ts';
import { runExec } from './exec-session.ts';
import { KEEPER_SCRIPT } from './keeper-script.ts';
import { findLaunchTools, type LaunchTools } from './launch.ts';
import { parseLaunchSpec } from './launch-spec.ts';
import {
  AGENT_REVISION,
  type AgentMethod,
  agentMethods,
  OLDEST_CALLER,
  SIGNALS,
  type SignalName,
} from './protocol.ts';

/**
 * Runs the agent on `paths` until it retires or is told to shut down (`left` resolves). The caller holds the instance lock.
 * It knows nothing that is not on the disk: killed at any point, the next one takes everything up.
 */
export async function runAgent(options: {
  readonly paths: CompanionPaths;
  /** The pods' directories. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<{ readonly left: Promise<void> }> {
  const { clock, log, root } = options;
  const tools = findLaunchTools(options.paths.directory, KEEPER_SCRIPT);
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const execs = new Set<Peer>();
  let server: CompanionServer | null = null;
  const onChange = (id: string): void => {
    for (const peer of server?.peers() ?? []) if (!execs.has(peer)) peer.notify('changed', { id });
  };
  const table = new ContainerTable({ root, tools, clock, log, onChange });
  table.adopt();
  const close = (): void => {
    server?.close();
    leave();
  };
  server = await serveCompanion(options.paths, {
    revision: AGENT_REVISION,
    oldestCaller: OLDEST_CALLER,
    accept: (peer) => serve({ peer, table, tools, execs, clock, root, close }),
    mayRetire: () => execs.size === 0,
    retire: close,
  });
  keepTicking({ directory: options.paths.directory, root, table, clock, log, close });
  log.info('agent-ready', { revision: AGENT_REVISION, containers: table.list().length });
  return { left };
}

type Serving = {
  readonly root: string;
  readonly peer: Peer;
  readonly table: ContainerTable;
  readonly tools: LaunchTools;
  readonly execs: Set<Peer>;
  readonly clock: Clock;
  readonly close: () => void;
};

function serve(serving: Serving): PeerListener {
  let exec: PeerListener = {};
  return {
    onRequest: async (method, data) => {
      if (!isAgentMethod(method)) throw new WorldError('METHOD_UNKNOWN', `no such method: ${method}`);
      if (method === 'exec') exec = startExec(serving, data);
      else return answer(serving, method, data);
    },
    onNotice: (event, data) => exec.onNotice?.(event, data),
    onBytes: (channel, bytes) => exec.onBytes?.(channel, bytes),
  };
}

async function answer(
  { table, close }: Serving,
  method: Exclude<AgentMethod, 'exec'>,
  data: JsonObject,
): Promise<JsonValue> {
  const id = typeof data.id === 'string' ? data.id : '';
  switch (method) {
    case 'list':
      return [...table.list()];
    case 'start': {
      const spec = parseLaunchSpec(data.spec);
      if (spec === null) throw new WorldError('REQUEST_INVALID', 'not a launch spec');
      return await table.start(spec);
    }
    case 'signal':
      if (!isSignal(data.signal)) throw new WorldError('REQUEST_INVALID', 'no such signal');
      table.signal(id, data.signal);
      return null;
    case 'remove':
      await table.remove(id);
      return null;
    case 'end-pod':
      await table.endPod(id, typeof data.user === 'number' ? data.user : null);
      return null;
    case 'resize':
      table.resize(id, data);
      return null;
    case 'shut-down':
      await table.killAll();
      setImmediate(close);
      return null;
    default:
      return assertNever(method);
  }
}

function startExec({ peer, table, tools, execs, clock, root }: Serving, data: JsonObject): PeerListener {
  const found = typeof data.id === 'string' ? table.running(data.id) : null;
  if (found === null) throw new WorldError('CONTAINER_NOT_RUNNING', 'the container does not run');
  if (execs.has(peer) || !isArray(data.argv))
    throw new WorldError('REQUEST_INVALID', 'one exec a connection');
  execs.add(peer);
  void peer.gone.then(() => execs.delete(peer));
  const exec = { argv: data.argv.map(String), stdin: data.stdin === true, tty: data.tty === true };
  const { spec: container, directory, verdict: running } = found;
  return runExec({ container, running, root, directory, exec, peer, tools, clock });
}

function keepTicking(options: {
  readonly directory: string;
  readonly root: string;
  readonly table: ContainerTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly close: () => void;
}): void {
  const { root, table, clock, log, close } = options;
  const tick = (): void => {
    if (!existsSync(root) || !existsSync(options.directory)) {
      // The data directory was deleted under us: nobody will ever come back for what runs.
      log.warn('data-gone', { root });
      void table
        .killAll()
        .then(() => removeTree(root))
        .catch((thrown: unknown) => log.warn('pods-remain', { root, message: messageOf(thrown) }))
        .finally(close);
      return;
    }
    table.tick();
    clock.setTimer(timings.agentTickMs, tick);
  };
  clock.setTimer(timings.agentTickMs, tick);
}

function isAgentMethod(method: string): method is AgentMethod {
  return agentMethods.some((one) => one === method);
}

function isSignal(value: JsonValue | undefined): value is SignalName {
  return SIGNALS.some((one) => one === value);
}
