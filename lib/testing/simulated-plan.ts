import type { ClusterSnapshot } from '../daemon/simulate/cluster-snapshot.ts';
import { readTree } from '../daemon/simulate/read-tree.ts';
import { stepText } from '../daemon/simulate/rollout-step.ts';
import { type Simulation, simulateRollout } from '../daemon/simulate/simulate-rollout.ts';
import { commitTo, memoryRepository } from './memory-git.ts';
import { nodeSettings } from './node-world.ts';
import { type SimulatedWorld, worldSettings } from './simulated-world.ts';

/** What a simulation of these files would begin from: the world as it is now, on a branch of its own. */
export async function snapshotWith(
  world: SimulatedWorld,
  files: Readonly<Record<string, string | null>>,
): Promise<ClusterSnapshot> {
  world.git.refs.set('refs/heads/next', world.git.refs.get('refs/heads/main') ?? '');
  const revision = await commitTo(world.git, {
    ...{ branch: 'next', files, message: 'Next\n', atMs: world.clock.now() },
  });
  const tree = await readTree(memoryRepository(world.git), { revision, branch: 'main', path: '' });
  return {
    nowMs: world.clock.now(),
    runtime: 'simulated',
    settings: worldSettings,
    machine: nodeSettings,
    access: null,
    store: world.disk.snapshot(),
    tree,
  };
}

export async function simulatedOn(
  world: SimulatedWorld,
  files: Readonly<Record<string, string | null>>,
): Promise<Simulation> {
  return simulateRollout(await snapshotWith(world, files));
}

/** A line a step, names by chance left out. */
export function linesOf({ steps }: Pick<Simulation, 'steps'>): readonly string[] {
  return steps.map((step) => `+${step.atMs / 1_000}s ${stepText(step)}`);
}
