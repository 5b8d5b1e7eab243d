import test, { type ExecutionContext } from 'ava';
import { refText } from '../../schema/object.ts';
import { objectIn, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
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

/** The files of a case in a namespace and a directory of their own: all of them follow one another on one daemon. */
function filesIn(namespace: string, files: RolloutCase['after']): Record<string, string | null> {
  const own = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n`;
  const moved = Object.entries(files).map(([path, text]) => [
    `${namespace}/${path}`,
    text?.replaceAll('metadata: {name: ', `metadata: {namespace: ${namespace}, name: `) ?? null,
  ]);
  return { ...Object.fromEntries(moved), [`${namespace}/namespace.yaml`]: own };
}

async function foretell(daemon: RealDaemon, revision: string): Promise<{ code: number; said: Foretold }> {
  const { code, stdout } = await daemon.run('plan', revision, '--simulate', '-o', 'json');
  return { code, said: JSON.parse(stdout) as Foretold };
}

/** Steps of one workload that a controller decides, pod by pod: what must not differ. */
function order(steps: Foretold['simulation']['steps'], namespace: string): readonly string[] {
  return steps
    .filter(({ workload }) => workload?.namespace === namespace && workload.name === 'web')
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
        case 'failed':
          return ['failed'];
        default:
          return [];
      }
    });
}

/** One after the other on one daemon. What is blocked stays so: it comes last. */
async function compareAll(t: ExecutionContext, cases: readonly RolloutCase[]): Promise<void> {
  const daemon = await realDaemon(t);
  for (const [at, { title, before, after, stops, lowest }] of cases.entries()) {
    const namespace = `case-${at}`;
    const web = title.includes('StatefulSet')
      ? `StatefulSet ${namespace}/web`
      : `Deployment ${namespace}/web`;
    const first = await daemon.push(filesIn(namespace, before), `${title}: before`);
    await daemon.untilStatus(
      (status) => status.revision === first && objectIn(status, web)?.health === 'Healthy',
      `${title}: what stood before`,
    );
    const rollout = await watchRollout(t, daemon, (objects) =>
      objects.some(({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace),
    );
    const next = await daemon.clone.commit(filesIn(namespace, after), `${title}: after`);
    await daemon.clone.git('push', '-q', 'origin', 'HEAD:next');
    const { code, said } = await foretell(daemon, next);
    const { simulation } = said;
    t.is(code, stops.length === 0 ? 0 : 1, title);
    t.deepEqual(
      simulation.stops.map(({ reason }) => reason),
      stops.map(([, reason]) => reason),
      title,
    );
    await daemon.clone.git('push', '-q', 'origin', 'HEAD:main');
    await daemon.untilStatus((status) => {
      const object = objectIn(status, web);
      const isOver = stops.length === 0 ? object?.sync === 'Synced' : object?.sync !== 'Synced';
      return status.head === next && isOver && object?.health === 'Healthy';
    }, `${title}: the end`);
    const status = await daemon.status();
    const refOf = (label: string) => {
      const object = objectIn(status, label);
      return object === undefined ? null : object;
    };
    const recorder = rollout.recorded(refOf);
    const real = order(recorder.steps(), namespace);
    t.deepEqual(order(simulation.steps, namespace).filter(notFailed), real.filter(notFailed), title);
    const found = recorder.availability().find(({ workload }) => refText(workload) === web);
    if (lowest !== null) {
      t.is(found?.lowest, lowest, title);
      t.is(simulation.availability.find(({ namespace: of }) => of === namespace)?.lowest, lowest, title);
    }
    t.log(
      `${title}: foretold ${simulation.durationMs} ms, took ${recorder.steps().at(-1)?.atMs.toFixed(0)} ms`,
    );
  }
}

const cases = [noImage, ...rolloutCases];

test('what plan --simulate foretells is what then happens', (t) =>
  compareAll(
    t,
    cases.filter((_, at) => at % 2 === 0),
  ));

test('what plan --simulate foretells of others is what then happens', (t) =>
  compareAll(
    t,
    cases.filter((_, at) => at % 2 === 1),
  ));

/** That it failed stands in the daemon's events, which are in no order with the rest. */
function notFailed(line: string): boolean {
  return line !== 'failed';
}
