import test from 'ava';
import { codeOf } from '../base/errors.ts';
import { standing } from '../testing/crash-suite.ts';
import { fullDisk } from '../testing/full-disk.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import {
  type Durable,
  healthyAt,
  person,
  type SimulatedWorld,
  simulatedWorld,
} from '../testing/simulated-world.ts';
import { stride } from '../testing/thoroughness.ts';
import {
  differences,
  doubled,
  isQuiet,
  orphans,
  pictureOf,
  statusBranchLag,
} from '../testing/world-picture.ts';

const before = [{ 'web.yaml': simulatedManifest({ replicas: 2 }) }];
const FULL_MS = 30_000;

type Ending = { readonly world: SimulatedWorld; readonly commits: number; readonly wrong: readonly string[] };

/** A rollout on a disk that is full for a while from the given commit on; 0: never. */
async function rollout(from: Durable, fromCommit: number): Promise<Ending> {
  let commits = 0;
  let refused = 0;
  const world = simulatedWorld({
    from,
    onCommit: () => {
      commits += 1;
    },
    disk: (persistence) => {
      const full = fullDisk(persistence, { clock: world.clock, fromCommit, forMs: FULL_MS });
      return {
        async commit(batches) {
          try {
            await full.commit(batches);
          } finally {
            refused = full.refused;
          }
        },
        close: full.close,
      };
    },
  });
  await world.start();
  const commit = await world.push({ 'web.yaml': simulatedManifest({ replicas: 2, version: 'two' }) });
  await world.until((report) => healthyAt(commit)(report) && isQuiet(world), 'the rollout to end');
  await world.pass(3_000);
  const lag = await statusBranchLag(world);
  const wrong = [...orphans(world), ...doubled(world), ...(lag === null ? [] : [lag])];
  const troubles = world.events.flatMap((event) => (event.type === 'trouble' ? [event.code] : []));
  if (fromCommit > 0 && refused === 0) wrong.push('the disk was never full');
  // While the daemon starts nobody listens to its events yet.
  if (troubles.some((code) => code !== 'STORE_UNWRITABLE') || troubles.length > 1)
    wrong.push(`told: ${troubles.join()}`);
  world.kill();
  return { world, commits, wrong };
}

test('a disk that is full for a while, from any commit of a rollout on, delays it and nothing else', async (t) => {
  t.timeout(120_000);
  const from = await standing({ before });
  const whole = await rollout(from, 0);
  const expected = pictureOf(whole.world);
  const failures: string[] = [];
  // A daemon that cannot write its first words does not start: that is the test below.
  for (let at = 2; at <= whole.commits; at += stride(5)) {
    const ending = await rollout(from, at).catch((failure: Error) => ({
      world: whole.world,
      wrong: [failure.message],
    }));
    for (const what of [...ending.wrong, ...differences(pictureOf(ending.world), expected)])
      failures.push(`full from commit ${at} on: ${what}`);
    if (failures.length > 5) break;
  }
  t.deepEqual(failures, []);
  t.log(`${whole.commits} commits`);
});

test('while the disk is full nothing is acknowledged, it is told once, and what was acknowledged is there afterwards', async (t) => {
  const world = simulatedWorld({
    from: await standing({ before }),
    disk: (persistence) => fullDisk(persistence, { clock: world.clock, fromCommit: 20, forMs: FULL_MS }),
  });
  t.teardown(() => world.kill());
  await world.start();
  const acknowledged: string[] = [];
  const refusals = new Set<string | undefined>();
  for (let number = 1; number <= 60; number += 1) {
    const name = `note-${String(number).padStart(2, '0')}`;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
    world
      .daemon()
      .client.create(object, person)
      .then(
        () => acknowledged.push(name),
        (failure: unknown) => refusals.add(codeOf(failure)),
      );
    await world.pass(1_000);
  }
  t.true(
    acknowledged.length > 20 && acknowledged.length < 45,
    `${acknowledged.length} of 60 were acknowledged`,
  );
  t.deepEqual([...refusals], ['STORE_UNWRITABLE']);
  const troubles = world.events.filter(({ type }) => type === 'trouble');
  t.is(troubles.length, 1);
  t.like(troubles[0], { code: 'STORE_UNWRITABLE', retried: true });
  world.kill();
  await world.start();
  await world.pass(1_000);
  const there = world.disk.objects('//configmaps/default/note-').map(({ metadata }) => metadata.name);
  t.deepEqual(there, acknowledged.sort(), 'what was acknowledged and nothing else');
});

test('a daemon that cannot write as it starts ends with the reason, and its pods run on', async (t) => {
  const world = simulatedWorld({
    from: await standing({ before }),
    disk: (persistence) => fullDisk(persistence, { clock: world.clock, fromCommit: 1, forMs: FULL_MS }),
  });
  t.teardown(() => world.kill());
  const failure = await t.throwsAsync(world.start());
  t.is(codeOf(failure), 'STORE_UNWRITABLE');
  world.kill();
  const running = [...world.machine.containers.keys()];
  await world.pass(FULL_MS);
  t.is(running.length, 2);
  t.deepEqual([...world.machine.containers.keys()], running);
});
