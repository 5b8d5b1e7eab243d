import test from 'ava';
import { refText } from '../../schema/object.ts';
import { allHealthyAt, objectIn, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
import { type RolloutCase, rolloutCases } from '../../testing/rollout-cases.ts';
import { watchRollout } from '../../testing/watched-rollout.ts';
import type { RolloutStep } from '../simulate/rollout-step.ts';

type Name = { readonly kind: string; readonly namespace: string; readonly name: string };
/** `plan --simulate -o json`, as far as it is looked at. */
type Foretold = {
  readonly simulation: {
    readonly outcome: string;
    readonly durationMs: number;
    readonly steps: readonly (Omit<RolloutStep, 'of' | 'workload'> & {
      readonly of?: Name;
      readonly workload: Name | null;
      readonly pods?: readonly string[];
      readonly from?: number;
      readonly to?: number;
      readonly reason?: string;
    })[];
    readonly availability: readonly (Name & { readonly lowest: number; readonly before: number })[];
    readonly stops: readonly (Name & { readonly reason: string; readonly message: string })[];
  };
};

/** `process` has no images but the machine's own. */
const noImage: RolloutCase = {
  title: 'an image that this runtime has not',
  before: rolloutCases[0]?.before ?? {},
  after: Object.fromEntries(
    Object.entries(rolloutCases[0]?.after ?? {}).map(([path, text]) => [
      path,
      text?.replace('image: host', 'image: nginx') ?? null,
    ]),
  ),
  stops: [['Deployment default/web', 'ErrImageNeverPull']],
  lowest: 3,
};

/** Enough beside the workload that a case's change is never most of the source. */
const beside = {
  'others.yaml': ['a', 'b', 'c', 'd', 'e', 'f']
    .map((name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other-${name}}\n`)
    .join('---\n'),
};

async function foretell(daemon: RealDaemon, revision: string): Promise<{ code: number; said: Foretold }> {
  const { code, stdout } = await daemon.run('plan', revision, '--simulate', '-o', 'json');
  return { code, said: JSON.parse(stdout) as Foretold };
}

/** Steps of one workload that a controller decides, pod by pod: what must not differ. */
function order(steps: Foretold['simulation']['steps']): readonly string[] {
  return steps
    .filter(({ workload }) => workload?.name === 'web')
    .flatMap((step): readonly string[] => {
      switch (step.kind) {
        case 'scaled':
          return [`${step.of?.name} from ${step.from} to ${step.to}`];
        case 'created':
        case 'ready':
        case 'stopped':
          return (step.pods ?? []).map((pod) =>
            step.of?.kind === 'StatefulSet' ? `${pod} ${step.kind}` : `${step.of?.name} ${step.kind}`,
          );
        case 'waits':
          return [`${step.of?.name} waits: ${step.reason}`];
        default:
          // That it failed stands in the daemon's events, which are in no order with the rest.
          return [];
      }
    });
}

/** One after the other: what is compared is an order of moments, and they are heavy. */
for (const { title, before, after, stops, lowest } of [noImage, ...rolloutCases]) {
  test.serial(`what plan --simulate foretells is what then happens: ${title}`, async (t) => {
    const daemon = await realDaemon(t);
    const web = title.includes('StatefulSet') ? 'StatefulSet default/web' : 'Deployment default/web';
    const first = await daemon.push({ ...before, ...beside });
    await daemon.untilStatus(allHealthyAt(first), 'what stood before');
    const rollout = await watchRollout(t, daemon, (objects) => objects.some(({ kind }) => kind === 'Pod'));
    const next = await daemon.clone.commit(after, 'After');
    await daemon.clone.git('push', '-q', 'origin', 'HEAD:next');
    const { code, said } = await foretell(daemon, next);
    const { simulation } = said;
    t.is(code, stops.length === 0 ? 0 : 1);
    t.deepEqual(
      simulation.stops.map(({ kind, namespace, name, reason }) => [`${kind} ${namespace}/${name}`, reason]),
      stops.map(([object, reason]) => [object, reason]),
    );
    await daemon.clone.git('push', '-q', 'origin', 'HEAD:main');
    const status = await daemon.untilStatus(
      (now) => {
        const object = objectIn(now, web);
        const isOver = stops.length === 0 ? object?.sync === 'Synced' : object?.sync !== 'Synced';
        return now.head === next && isOver && object?.health === 'Healthy';
      },
      'the end',
      120_000,
    );
    const recorder = rollout.recorded((label) => objectIn(status, label) ?? null);
    t.deepEqual(order(simulation.steps), order(recorder.steps()));
    const found = recorder.availability().find(({ workload }) => refText(workload) === web);
    if (lowest !== null) {
      t.is(found?.lowest, lowest);
      t.is(simulation.availability.find(({ name }) => name === 'web')?.lowest, lowest);
    }
    t.log(`foretold ${simulation.durationMs} ms, took ${recorder.steps().at(-1)?.atMs.toFixed(0)} ms`);
  });
}
