import { processDriver } from '../../../lib/runtime/process/process-driver.ts';
import { apiAtRest, apiUnderLoad } from './api-scenario.ts';
import { daemonAt } from './daemon-scenario.ts';
import type { DriverMaker } from './daemon-under-test.ts';
import { pulls } from './images/images-scenario.ts';
import { podsUpAndDown } from './pods/pods-scenario.ts';
import { podsBurst } from './pods-scenario.ts';
import { rollouts } from './rollouts-scenario.ts';
import { schedulerThroughput } from './scheduler-scenario.ts';
import { requestsThroughServices } from './services/services-scenario.ts';
import { shipped } from './shipped-scenario.ts';
import { storeWrites } from './store-scenario.ts';
import { validateMany, validateOne } from './validate-scenarios.ts';

const processPods: DriverMaker = ({ data, clock, log }) =>
  processDriver({
    dataDirectory: data,
    clock,
    log,
    settings: { assumeHostImages: false, podRange: '127.97.0.0/16' },
  });

/** By the name one asks for it with. */
export const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  'validate-one': validateOne,
  'validate-many': validateMany,
  'store-writes': storeWrites,
  'pods-simulated': () => podsBurst({ applications: 50, replicas: 10, driver: 'simulated' }),
  'pods-process': () =>
    podsBurst({ applications: 8, replicas: 5, driver: 'process', makeDriver: processPods }),
  pods: podsUpAndDown,
  services: requestsThroughServices,
  images: pulls,
  scheduler: schedulerThroughput,
  rollouts,
  shipped,
  api: apiUnderLoad,
  'api-rest': apiAtRest,
  'daemon-4000': () => daemonAt(1_000),
  'daemon-10000': () => daemonAt(2_500),
  'daemon-20000': () => daemonAt(5_000),
};
