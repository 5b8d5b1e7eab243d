import { join, resolve } from 'node:path';
import { firstAddress } from '../lib/api/admission/address-range.ts';
import { systemClock } from '../lib/base/clock.ts';
import { UserError, WorldError } from '../lib/base/errors.ts';
import { limits } from '../lib/base/limits.ts';
import type { LogLevel } from '../lib/base/log.ts';
import { systemRandom } from '../lib/base/random.ts';
import type { DaemonEvent, EndRequest } from '../lib/daemon/control-protocol.ts';
import { serveControl } from '../lib/daemon/control-server.ts';
import { type DaemonPorts, startDaemon } from '../lib/daemon/daemon.ts';
import { imageCommands, noImageCommands } from '../lib/daemon/image-commands.ts';
import { imagesInUse } from '../lib/daemon/images-in-use.ts';
import { machineFacts } from '../lib/daemon/machine-facts.ts';
import type { FailedRolloutPolicy } from '../lib/daemon/rollout-guard.ts';
import { serveApi } from '../lib/daemon/serve-api.ts';
import { openRepository } from '../lib/git/open-repository.ts';
import { branchRef } from '../lib/git/ref-name.ts';
import { noRegistryOptions, type RegistryOptions } from '../lib/runtime/image/registry/registry-options.ts';
import { lockDirectory } from '../lib/store/directory-lock.ts';
import { sqliteStore } from '../lib/store/sqlite-store.ts';
import { chooseRuntime, type RuntimeOption } from './choose-runtime.ts';
import { fileLog } from './file-log.ts';
import { machineImages } from './machine-images.ts';
import { version } from './version.ts';

export type RunOptions = {
  /** A path or an http(s) URL. */
  readonly repository: string;
  readonly cwd: string;
  readonly branch: string;
  readonly path: string;
  readonly dataDirectory: string;
  readonly runtime: RuntimeOption;
  readonly policy: FailedRolloutPolicy;
  readonly pollIntervalMs: number;
  readonly statusBranch: string;
  readonly takeOverStatus: boolean;
  readonly allowHostAccess: boolean;
  readonly assumeHostImages: boolean;
  /** Unset: every registry by https, and no mirrors. */
  readonly registries?: RegistryOptions;
  readonly nodeName: string;
  /** Unset: one. */
  readonly nodeCount?: number;
  /** Manifests of pods that the node runs by itself. Unset: none. */
  readonly staticPods?: string | undefined;
  readonly logLevel: LogLevel;
  /** Where the Kubernetes API listens (port 0: any that is free). Unset: nowhere. */
  readonly api?: { readonly address: string; readonly port: number };
};

export type RunningDaemon = {
  readonly location: string;
  readonly dataDirectory: string;
  readonly runtime: string;
  /** What whoever starts it should know of the runtime; null: nothing. */
  readonly advice: string | null;
  /** Of the Kubernetes API; null where it is not served. */
  readonly apiPort: number | null;
  /** The first listener hears everything from the start. */
  subscribe(listener: (event: DaemonEvent) => void): { close(): void };
  /** Waits for `pintle down` or a signal, ends everything in order, and says which it was. */
  ended(options: {
    readonly signalled: Promise<unknown>;
    /** A signal ends the pods too, with this grace at most. Unset: they run on. */
    readonly signalGraceMs?: number;
  }): Promise<'asked' | 'signal'>;
};

/**
 * Opens the real ports and starts a daemon on them. `between`: what stands between the daemon and its ports; tests of crashes
 * die there, at a named call, which no signal from outside could hit.
 */
export async function runDaemon(
  options: RunOptions,
  between: (ports: DaemonPorts) => DaemonPorts = (ports) => ports,
): Promise<RunningDaemon> {
  const { dataDirectory } = options;
  if (branchRef(options.branch) === branchRef(options.statusBranch)) {
    const same = `the status branch cannot be ${options.branch}, the branch that is followed`;
    throw new UserError('USAGE', `${same}; name another with --status-branch`);
  }
  const lock = lockDirectory(dataDirectory);
  const clock = systemClock();
  const log = fileLog({
    path: join(dataDirectory, 'pintle.log'),
    level: options.logLevel,
    bytesMax: limits.daemonLogBytesMax,
  });
  const random = systemRandom();
  let inUse = async (): Promise<ReadonlySet<string>> => {
    throw new WorldError('NOT_YET', 'the daemon does not know its pods yet');
  };
  const images = machineImages({
    ...{ dataDirectory, clock, random, log, registries: options.registries ?? noRegistryOptions },
    inUse: () => inUse(),
  });
  const runtime = await chooseRuntime(options.runtime, {
    ...{ dataDirectory, clock, random, log, images },
    assumeHostImages: options.assumeHostImages,
  });
  const { driver, network, shutDownNetwork, serviceRange, gateway, dns, abilities } = runtime;
  const serviceAddress = firstAddress(serviceRange);
  // Before anything else begins: a port that is taken is told at once, and nothing has to be undone.
  const api =
    options.api &&
    (await serveApi({ ...options.api, dataDirectory, serviceAddress, gateway, clock, random, log }).catch(
      async (failure: unknown) => {
        await runtime.giveUp?.();
        throw failure;
      },
    ));
  const location = /^[a-z][a-z0-9+.-]*:\/\//i.test(options.repository)
    ? options.repository
    : resolve(options.cwd, options.repository);
  const repository = await openRepository({
    location,
    mirrorDirectory: join(dataDirectory, 'mirrors'),
    clock,
    log,
  });
  const store = await sqliteStore({ directory: dataDirectory });
  // Others have no use for images, but may be given some.
  if (driver.name === 'linux') await images.open();
  const source = { name: 'main', location: repository.location, branch: options.branch, path: options.path };
  const { statusBranch, takeOverStatus, policy, pollIntervalMs, nodeName, allowHostAccess } = options;
  const { nodeCount = 1 } = options;
  const daemon = await startDaemon(
    {
      source,
      statusBranch,
      takeOverStatus,
      policy,
      pollIntervalMs,
      nodeName,
      nodeCount,
      allowHostAccess,
      serviceRange,
      namesServed: dns !== undefined,
      staticPodDirectory:
        options.staticPods === undefined ? undefined : resolve(options.cwd, options.staticPods),
      assumeHostImages: options.assumeHostImages,
    },
    between({
      clock,
      random,
      log,
      store,
      repository,
      driver,
      network,
      machine: {
        ...machineFacts(version, clock),
        podCIDR: runtime.podRange,
        ...(dns && { dns }),
        ...(abilities && { abilities }),
      },
      access: api?.access,
    }),
  );
  inUse = () => imagesInUse(daemon.client, { user: 'system:pintle', fieldManager: 'pintle' });
  await api?.answerFrom({ client: daemon.served, nodes: daemon.nodes });
  const early: DaemonEvent[] = [];
  const hearEarly = daemon.subscribe((event) => early.push(event));
  const control = await serveControl({
    dataDirectory,
    handlers: daemon.handlers,
    images: driver.name === 'simulated' ? noImageCommands : imageCommands(images),
    subscribe: daemon.subscribe,
    log,
  });
  log.info('daemon-started', {
    pid: process.pid,
    location: repository.location,
    branch: options.branch,
    runtime: driver.name,
  });
  return {
    location: repository.location,
    dataDirectory,
    runtime: driver.name,
    advice: runtime.advice,
    apiPort: api?.port ?? null,
    subscribe(listener) {
      hearEarly.close();
      for (const event of early.splice(0)) listener(event);
      return daemon.subscribe(listener);
    },
    async ended({ signalled, signalGraceMs }) {
      const asked = daemon.endAsked.then((request) => ({ reason: 'asked', request }) as const);
      const onSignal: EndRequest = { pods: signalGraceMs !== undefined, graceMaxMs: signalGraceMs ?? null };
      const { reason, request } = await Promise.race([
        signalled.then(() => ({ reason: 'signal', request: onSignal }) as const),
        asked,
      ]);
      log.info('daemon-ending', { reason, pods: request.pods });
      await api?.close();
      await daemon.stop(request);
      if (request.pods) {
        // What would not end ends with the agent.
        await driver.open();
        await driver.shutDown();
        await shutDownNetwork();
      }
      await images.close();
      await repository.close();
      await store.close();
      daemon.ended();
      await control.close();
      lock.release();
      return reason;
    },
  };
}
