import type { Clock } from '../lib/base/clock.ts';
import { assertNever, UserError } from '../lib/base/errors.ts';
import type { Log } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import type { MachineryDeps } from '../lib/daemon/machinery.ts';
import type { PodDriver } from '../lib/runtime/driver.ts';
import { processDriver } from '../lib/runtime/process/process-driver.ts';
import { simulatedDriver } from '../lib/runtime/simulated/simulated-driver.ts';
import { simulatedState } from '../lib/runtime/simulated/simulated-state.ts';

export const runtimeOptions = ['auto', 'linux', 'process', 'simulated'] as const;
export type RuntimeOption = (typeof runtimeOptions)[number];

/** Under `process` pods have loopback addresses of their own (design, decision 14). */
const POD_RANGE = '127.97.0.0/16';

export type Runtime = { readonly driver: PodDriver; readonly network: MachineryDeps['network'] };

/** The driver by its name, and what makes Services reachable with it. UserError RUNTIME_NOT_READY for one that is still to come. */
export function chooseRuntime(
  option: RuntimeOption,
  deps: {
    readonly dataDirectory: string;
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    readonly assumeHostImages: boolean;
  },
): Runtime {
  const { dataDirectory, clock, random, log, assumeHostImages } = deps;
  switch (option) {
    case 'linux':
      throw new UserError(
        'RUNTIME_NOT_READY',
        'the linux runtime (images, namespaces, limits) is not there yet; use --runtime process',
      );
    case 'simulated':
      return { driver: simulatedDriver({ clock, random, state: simulatedState() }), network: null };
    case 'auto':
    case 'process':
      return {
        driver: processDriver({
          dataDirectory,
          clock,
          log,
          settings: { assumeHostImages, podRange: POD_RANGE },
        }),
        network: null,
      };
    default:
      return assertNever(option);
  }
}
