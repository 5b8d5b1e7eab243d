import test from 'ava';
import { refText } from '../../schema/object.ts';
import { rolloutCases } from '../../testing/rollout-cases.ts';
import { linesOf, simulatedOn } from '../../testing/simulated-plan.ts';
import { healthyAt, simulatedWorld } from '../../testing/simulated-world.ts';
import { followRollout } from './follow-rollout.ts';
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
      stopsOf(report, { steps, touched: done.touched }).map(({ reason, message }) => [
        reason,
        withoutChance(message),
      ]),
      foretold.stops.map(({ reason, message }) => [reason, withoutChance(message)]),
    );
    const real = done.recorder.availability().find(({ workload }) => workload.name === 'web');
    if (lowest !== null) t.is(real?.lowest, lowest);
    const lastMs = steps.at(-1)?.atMs ?? 0;
    t.true(Math.abs(lastMs - foretold.durationMs) < 3_000, `${lastMs} ms, not ${foretold.durationMs}`);
  });
}

function withoutTimes(lines: readonly string[]): readonly string[] {
  return lines.map((line) => withoutChance(line.replace(/^\S+ /, '')));
}

/** Pods of ReplicaSets are named by chance. */
function withoutChance(text: string): string {
  return text.replace(/(web-[a-z0-9]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1-CHANCE');
}
