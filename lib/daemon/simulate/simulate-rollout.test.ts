import test from 'ava';
import { refText } from '../../schema/object.ts';
import { rolloutCases } from '../../testing/rollout-cases.ts';
import { linesOf, simulatedOn, snapshotWith } from '../../testing/simulated-plan.ts';
import { healthyAt, simulatedWorld } from '../../testing/simulated-world.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { followRollout } from './follow-rollout.ts';
import { simulateRollout } from './simulate-rollout.ts';
import { stopsOf } from './stops-of.ts';

for (const { title, before, after, stops, lowest } of rolloutCases) {
  test(`a simulation foretells ${title}`, async (t) => {
    const world = simulatedWorld();
    t.teardown(() => world.kill());
    await world.start();
    const first = await world.push(before);
    await world.until(healthyAt(first), 'what stood before');
    await world.pass(30_000);
    const foretold = await simulatedOn(world, after);
    t.deepEqual(
      foretold.stops.map(({ object, reason }) => [refText(object), reason]),
      stops,
    );
    t.is(foretold.outcome, stops.length === 0 ? 'completes' : 'stops');
    const web = foretold.availability.find(({ workload }) => workload.name === 'web');
    t.is(web?.lowest ?? null, lowest);
    t.log(linesOf(foretold).join('\n'));
    let followed: Awaited<ReturnType<typeof followRollout>> | null = null;
    void followRollout(world.daemon(), world.clock).then((found) => {
      followed = found;
    });
    await world.clock.runUntil(() => followed !== null, { withinMs: 1_000, what: 'the watches' });
    await world.push(after);
    await world.pass(foretold.durationMs + 60_000);
    const done = followed as Awaited<ReturnType<typeof followRollout>> | null;
    const report = world.daemon().report();
    if (done === null || report === null) throw new Error('nobody looked');
    const steps = done.steps();
    t.deepEqual(withoutTimes(linesOf(foretold)), withoutTimes(linesOf({ steps })));
    t.deepEqual(
      stopsOf(report, { ...done, steps }).map(({ reason, message }) => [reason, withoutChance(message)]),
      foretold.stops.map(({ reason, message }) => [reason, withoutChance(message)]),
    );
    const real = done.recorder.availability().find(({ workload }) => workload.name === 'web');
    if (lowest !== null) t.is(real?.lowest, lowest);
    const lastMs = steps.at(-1)?.atMs ?? 0;
    t.true(Math.abs(lastMs - foretold.durationMs) < 3_000, `${lastMs} ms, not ${foretold.durationMs}`);
  });
}

test('static pods are those that their mirrors show, whatever lies in the directory now', async (t) => {
  const stays = `apiVersion: v1
kind: Pod
metadata: {name: stays}
spec: {containers: [{name: c, image: host, resources: {requests: {cpu: 100m}}}]}
`;
  const empty = await temporaryDirectory(t);
  const settings = { staticPodDirectory: empty };
  const world = simulatedWorld({ settings, manifests: { 'stays.yaml': stays } });
  t.teardown(() => world.kill());
  await world.start();
  await world.push({ 'space.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: space}\n' });
  await world.until((report) => report.objects.length === 1, 'the namespace');
  const web = (cpu: string): Readonly<Record<string, string>> => ({
    'web.yaml': `apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: c, image: host, resources: {requests: {cpu: ${cpu}}}}]}
`,
  });
  const foretold = async (cpu: string) => {
    const snapshot = await snapshotWith(world, web(cpu));
    return simulateRollout({ ...snapshot, settings: { ...snapshot.settings, ...settings } });
  };
  t.is((await foretold('3900m')).outcome, 'completes');
  const tooMuch = await foretold('3901m');
  t.deepEqual(
    tooMuch.stops.map(({ object, reason }) => [refText(object), reason]),
    [['Pod default/web', 'Unschedulable']],
  );
});

function withoutTimes(lines: readonly string[]): readonly string[] {
  return lines.map((line) => withoutChance(line.replace(/^\S+ /, '')));
}

/** Pods of ReplicaSets are named by chance. */
function withoutChance(text: string): string {
  return text.replace(/(web-[a-z0-9]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1-CHANCE');
}
