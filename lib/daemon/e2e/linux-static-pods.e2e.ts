import test from 'ava';
import { kubectlBinaries } from '../../testing/kubectl.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { staticPodScenario } from '../../testing/static-pod-scenario.ts';

const binary = kubectlBinaries().at(-1);
const here =
  binary !== undefined && needsRoot(['ip', 'nft', 'nsenter', 'crun']) ? test.serial : test.serial.skip;

here('a static pod under linux, from its file to its end', async (t) => {
  t.timeout(180_000);
  await staticPodScenario(t, { binary: binary ?? '', args: ['--runtime', 'linux'] });
});
