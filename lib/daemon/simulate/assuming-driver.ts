import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { ImageVerdict } from '../../runtime/driver.ts';
import type { DriverOfShares } from '../../runtime/driver-view.ts';
import { BEHAVIOUR_ANNOTATION } from '../../runtime/simulated/simulated-behaviour.ts';
import { simulatedDriver } from '../../runtime/simulated/simulated-driver.ts';
import type { SimulatedState } from '../../runtime/simulated/simulated-state.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { assumedBehaviour } from './assumed-behaviour.ts';

/** The simulated driver, with what a simulation assumes of programs and what is known of images beforehand. */
export function assumingDriver(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly state: SimulatedState;
  /** null: whether there is such an image nobody can know; it is taken to exist. */
  readonly verdictOf: (image: string) => ImageVerdict | null;
  readonly podAt: (place: { readonly namespace: string; readonly name: string }) => Pod | undefined;
}): DriverOfShares {
  const driver = simulatedDriver(options);
  return {
    ...driver,
    image: async (image, policy, pull) =>
      options.verdictOf(image) ?? (await driver.image(image, policy, pull)),
    async createSandbox(spec) {
      const pod = options.podAt(spec);
      const behaviour = pod && { [BEHAVIOUR_ANNOTATION]: assumedBehaviour(pod) };
      return driver.createSandbox({ ...spec, annotations: { ...spec.annotations, ...behaviour } });
    },
    // What programs use nobody can know: autoscalers stand still.
    stats: async () => [],
  };
}
