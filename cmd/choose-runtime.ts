import type { Clock } from '../lib/base/clock.ts';
import { assertNever, UserError, WorldError } from '../lib/base/errors.ts';
import type { Log } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import type { MachineryDeps } from '../lib/daemon/machinery.ts';
import { proxyClient } from '../lib/network/proxy-client.ts';
import { serviceSync } from '../lib/network/service-sync.ts';
import type { PodDriver } from '../lib/runtime/driver.ts';
import type { ImageStore } from '../lib/runtime/image/image-store.ts';
import { processAbilities } from '../lib/runtime/linux/trial/linux-abilities.ts';
import { type LinuxTrial, tryLinux } from '../lib/runtime/linux/trial/linux-trial.ts';
import type { NodeAbility } from '../lib/runtime/node/node-ability.ts';
import type { NodeDns } from '../lib/runtime/node/node-settings.ts';
import { processDriver } from '../lib/runtime/process/process-driver.ts';
import { runtimeOnDisk } from '../lib/runtime/runtime-on-disk.ts';
import { simulatedDriver } from '../lib/runtime/simulated/simulated-driver.ts';
import { simulatedState } from '../lib/runtime/simulated/simulated-state.ts';
import { linuxRuntime } from './linux-runtime.ts';

export const runtimeOptions = ['auto', 'linux', 'process', 'simulated'] as const;
export type RuntimeOption = (typeof runtimeOptions)[number];

/** Under `process` pods have loopback addresses of their own (design, decision 14). */
const POD_RANGE = '127.97.0.0/16';
/** Cluster addresses then are loopback too: nothing of the host's network changes. */
const SERVICE_RANGE = '127.96.0.0/16';

export type Runtime = {
  readonly driver: PodDriver;
  readonly network: MachineryDeps['network'];
  /** Cluster addresses come from here. */
  readonly serviceRange: string;
  /** Addresses of pods come from here; unset: they are nobody's. */
  readonly podRange?: string;
  /** The machine's address for its pods, where they have networks of their own. */
  readonly gateway?: string;
  /** Where pods look up names, where that is not as the machine does. */
  readonly dns?: NodeDns;
  /** What pods can have, for the Node. Unset: nothing is told. */
  readonly abilities?: () => readonly NodeAbility[];
  /** What somebody who starts it should know; null: nothing. */
  readonly advice: string | null;
  /** The daemon does not come up after all: what was made for it goes, unless pods have it. */
  giveUp?(): Promise<void>;
  /** Ends what leads to pods, once they have ended. */
  shutDownNetwork(): Promise<void>;
};

export type RuntimeDeps = {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly assumeHostImages: boolean;
  /** For drivers that run images; open. */
  readonly images: ImageStore;
};

/**
 * The driver by its name, and what makes Services reachable with it; `auto`: the best this machine can do. WorldError where the machine
 * cannot do it; UserError RUNTIME_TAKEN where pods of another one are.
 */
export async function chooseRuntime(option: RuntimeOption, deps: RuntimeDeps): Promise<Runtime> {
  const { clock, random, dataDirectory } = deps;
  const there = runtimeOnDisk(dataDirectory);
  if (there !== null && option !== 'auto' && option !== there) {
    const how = 'end them with pintle down first, or choose another data directory';
    throw new UserError('RUNTIME_TAKEN', `pods of the runtime "${there}" are in ${dataDirectory}; ${how}`);
  }
  switch (option) {
    case 'linux':
      return await linuxRuntime(deps, await linuxTrial(deps));
    case 'simulated':
      return {
        driver: simulatedDriver({ clock, random, state: simulatedState() }),
        network: null,
        serviceRange: SERVICE_RANGE,
        advice: null,
        shutDownNetwork: async () => {},
      };
    case 'auto':
      return there === 'process' ? processRuntime(deps, null) : await automaticRuntime(deps);
    case 'process':
      return processRuntime(deps, null);
    default:
      return assertNever(option);
  }
}

function linuxTrial({ dataDirectory, clock }: RuntimeDeps): Promise<LinuxTrial> {
  return tryLinux({ dataDirectory, clock });
}

/** `linux` where a throw-away pod and its network can be made, else `process`, with the reason. */
async function automaticRuntime(deps: RuntimeDeps): Promise<Runtime> {
  const trial = await linuxTrial(deps);
  if (trial.launcher === null) return processRuntime(deps, trial);
  try {
    return await linuxRuntime(deps, trial);
  } catch (thrown) {
    if (!(thrown instanceof WorldError)) throw thrown;
    return processRuntime(deps, { ...trial, launcher: null, withheld: thrown.message });
  }
}

/** `trial`: which says why it is not `linux`; null: nobody asked for that. */
function adviceOf(trial: LinuxTrial | null): string | null {
  if (trial === null) return null;
  const why = trial.withheld ?? trial.verdicts.map(({ launcher, said }) => `${launcher}: ${said}`).join('; ');
  return `Pods are process groups of this machine, without networks, files and limits of their own: ${why}.`;
}

/** Pods as process groups, and the Service proxy, which outlives the daemon as they do. */
function processRuntime(deps: RuntimeDeps, trial: LinuxTrial | null): Runtime {
  const { dataDirectory, clock, log, assumeHostImages } = deps;
  const driver = processDriver({
    dataDirectory,
    clock,
    log,
    settings: { assumeHostImages, podRange: POD_RANGE },
  });
  return {
    driver,
    serviceRange: SERVICE_RANGE,
    podRange: POD_RANGE,
    abilities: () => processAbilities(trial),
    advice: adviceOf(trial),
    async network({ client, informers }) {
      const sync = serviceSync({
        client,
        informers,
        clock,
        log,
        podRange: POD_RANGE,
        proxy: (calls) => proxyClient({ dataDirectory, clock, log, ...calls }),
      });
      await sync.run();
      return { stop: () => sync.stop(), idle: () => true };
    },
    async shutDownNetwork() {
      const proxy = proxyClient({ dataDirectory, clock, log, onFailures: () => {}, onBack: () => {} });
      await proxy.open();
      await proxy.shutDown();
    },
  };
}
