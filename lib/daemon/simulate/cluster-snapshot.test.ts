import test from 'ava';
import { codeOf } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import { simulatedManifest } from '../../testing/simulated-manifest.ts';
import { linesOf, snapshotWith } from '../../testing/simulated-plan.ts';
import { healthyAt, simulatedWorld } from '../../testing/simulated-world.ts';
import { emptySnapshot, snapshotJson, snapshotOf } from './cluster-snapshot.ts';
import { simulateRollout } from './simulate-rollout.ts';
import { simulationJson } from './simulation-json.ts';
import { simulationText } from './simulation-text.ts';

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: api}\nstringData: {token: hunter2-hunter2}\n';

async function standing() {
  const world = simulatedWorld();
  await world.start();
  const first = await world.push({ 'web.yaml': simulatedManifest({}), 'secret.yaml': secret });
  await world.until(healthyAt(first), 'the first commit to be live');
  await world.pass(10_000);
  const next = { 'web.yaml': simulatedManifest({ version: 'two' }) };
  return { world, snapshot: await snapshotWith(world, next) };
}

test('a snapshot that went over the wire has the same future, and that is the same each time', async (t) => {
  const { snapshot } = await standing();
  const sent = snapshotOf(JSON.parse(JSON.stringify(snapshotJson(snapshot))) as JsonValue);
  const [one, other] = [await simulateRollout(snapshot), await simulateRollout(sent)];
  t.deepEqual(linesOf(one), linesOf(other));
  t.deepEqual(simulationJson(one), simulationJson(other));
  t.is(one.outcome, 'completes');
});

test('no value of a Secret is in what a simulation says', async (t) => {
  const { world } = await standing();
  const changed = secret.replaceAll('hunter2', 'hunter3');
  const foretold = await simulateRollout(await snapshotWith(world, { 'secret.yaml': changed }));
  const said =
    JSON.stringify(simulationJson(foretold)) + simulationText(foretold, { colour: false, from: 'live' });
  t.regex(said, /Secret default\/api/);
  for (const value of ['hunter2-hunter2', 'hunter3-hunter3'])
    for (const form of [value, Buffer.from(value).toString('base64')]) t.false(said.includes(form));
});

test('a real daemon is not moved by a simulation of its future', async (t) => {
  const { world, snapshot } = await standing();
  const before = world.trace();
  await simulateRollout(snapshot);
  t.is(world.trace(), before);
});

test('without a daemon it begins from an empty cluster', async (t) => {
  const { snapshot } = await standing();
  const { nowMs, settings, machine, tree } = snapshot;
  const foretold = await simulateRollout(emptySnapshot({ nowMs, settings, machine, tree }));
  t.is(foretold.outcome, 'completes');
  t.deepEqual(foretold.availability, [], 'nothing served before');
  t.regex(linesOf(foretold).join('\n'), /ReplicaSet default\/web-\w+ from 0 to 3/);
});

test('a bound ends it, and it says so', async (t) => {
  const { snapshot } = await standing();
  t.like(await simulateRollout(snapshot, { spanMaxMs: 1_000, changesMax: 1_000 }), {
    outcome: 'bound-met',
    bound: 'time',
  });
  t.like(await simulateRollout(snapshot, { spanMaxMs: 60_000, changesMax: 3 }), {
    outcome: 'bound-met',
    bound: 'changes',
  });
});

test('what another version sent is refused', (t) => {
  const thrown = t.throws(() => snapshotOf({ format: 7 }));
  t.is(codeOf(thrown), 'OTHER_VERSION');
});
