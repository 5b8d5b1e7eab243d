import test from 'ava';
import { kubectlBinaries } from '../../testing/kubectl.ts';
import { staticPodScenario } from '../../testing/static-pod-scenario.ts';

const binary = kubectlBinaries().at(-1);

(binary === undefined ? test.skip : test)(
  'a static pod under process, from its file to its end',
  async (t) => {
    t.timeout(180_000);
    await staticPodScenario(t, { binary: binary ?? '', args: [] });
  },
);
