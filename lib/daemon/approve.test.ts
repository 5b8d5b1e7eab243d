import test, { type ExecutionContext } from 'ava';
import { codeOf } from '../base/errors.ts';
import { healthyAt, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';

const configMap = (name: string, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Eight objects are live, and a commit that names two of them waits for approval. */
async function waiting(
  t: ExecutionContext,
): Promise<{ readonly world: SimulatedWorld; readonly id: string }> {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const first = await world.push(Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])));
  await world.until(healthyAt(first), 'eight to be live');
  await world.push(Object.fromEntries(names.slice(2).map((name) => [`${name}.yaml`, null])));
  const { pruneHolds } = await world.until((report) => report.pruneHolds.length === 1, 'six to wait');
  return { world, id: pruneHolds[0]?.id ?? '' };
}

/** Calls while time goes on; the code of what it throws, or what it answers. */
async function asked(world: SimulatedWorld, call: () => Promise<unknown>): Promise<unknown> {
  let answer: unknown;
  void call().then(
    (result) => {
      answer = result;
    },
    (thrown: unknown) => {
      answer = codeOf(thrown) ?? 'no code';
    },
  );
  await world.pass(2_000);
  return answer;
}

test('a deletion that waits goes on when it is approved, by its id or as the only one', async (t) => {
  for (const byId of [true, false]) {
    const { world, id } = await waiting(t);
    t.is(await asked(world, () => world.daemon().handlers.approve({ id: byId ? id : null })), id);
    const report = await world.until(({ sync }) => sync === 'Synced', 'six to go');
    t.is(report.objects.length, 2);
  }
});

test('what does not wait is not approved', async (t) => {
  const { world } = await waiting(t);
  t.is(await asked(world, () => world.daemon().handlers.approve({ id: 'another' })), 'NOTHING_TO_APPROVE');
  await world.pass(60_000);
  t.is(world.daemon().report()?.objects.length, 8);
});

test('an approval that comes while a pass is under way is not lost', async (t) => {
  for (const delayMs of [0, 5, 10, 15, 20, 25, 30, 40, 60]) {
    const { world, id } = await waiting(t);
    await world.push({ 'a.yaml': configMap('a', 'two') });
    await world.pass(delayMs);
    t.is(await asked(world, () => world.daemon().handlers.approve({ id })), id);
    const report = await world.until(
      ({ sync }) => sync === 'Synced',
      `six to go, approved ${delayMs} ms after a push`,
    );
    t.is(report.objects.length, 2);
    world.kill();
  }
});

test('a deletion that became another one is asked about again', async (t) => {
  const { world, id } = await waiting(t);
  await world.push({ 'b.yaml': null });
  const { pruneHolds } = await world.until(
    (report) => report.pruneHolds.some((hold) => hold.id !== id),
    'seven to wait',
  );
  t.is(pruneHolds[0]?.refs.length, 7);
  t.is(await asked(world, () => world.daemon().handlers.approve({ id })), 'NOTHING_TO_APPROVE');
});
