import type { Clock } from '../lib/base/clock.ts';
import { assertNever } from '../lib/base/errors.ts';
import type { Log } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import type { MachineryDeps } from '../lib/daemon/machinery.ts';
import { proxyClient } from '../lib/network/proxy-client.ts';
import { serviceSync } from '../lib/network/service-sync.ts';
import type { PodDriver } from '../lib/runtime/driver.ts';
import type { ImageStore } from '../lib/runtime/image/image-store.ts';
import type { NodeDns } from '../lib/runtime/node/node-settings.ts';
import { processDriver } from '../lib/runtime/process/process-driver.ts';
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
  /** The machine's address for its pods, where they have networks of their own. */
  readonly gateway?: string;
  /** Where pods look up names, where that is not as the machine does. */
  readonly dns?: NodeDns;
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

/** The driver by its name, and what makes Services reachable with it. WorldError where the machine cannot do it. */
export async function chooseRuntime(option: RuntimeOption, deps: RuntimeDeps): Promise<Runtime> {
  const { clock, random } = deps;
  switch (option) {
    case 'linux':
      return await linuxRuntime(deps);
    case 'simulated':
      return {
        driver: simulatedDriver({ clock, random, state: simulatedState() }),
        network: null,
        serviceRange: SERVICE_RANGE,
        shutDownNetwork: async () => {},
      };
    case 'auto':
    case 'process':
      return processRuntime(deps);
    default:
      return assertNever(option);
  }
}

/** Pods as process groups, and the Service proxy, which outlives the daemon as they do. */
function processRuntime({ dataDirectory, clock, log, assumeHostImages }: RuntimeDeps): Runtime {
  const driver = processDriver({
    dataDirectory,
    clock,
    log,
    settings: { assumeHostImages, podRange: POD_RANGE },
  });
  return {
    driver,
    serviceRange: SERVICE_RANGE,
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
