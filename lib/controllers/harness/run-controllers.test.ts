import test from 'ava';
import { ApiError } from '../../api/api-error.ts';
import { informers as makeInformers } from '../../api/informers.ts';
import { UserError, WorldError } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { type ManualClock, manualClock } from '../../base/manual-clock.ts';
import type { Event } from '../../schema/types.gen.ts';
import { localApi } from '../../testing/local-api.ts';
import { againAt, type Context, done, type Result } from './controller.ts';
import { runControllers } from './run-controllers.ts';

const CONFIG_MAP = { group: '', kind: 'ConfigMap' } as const;
const caller = { user: 'tester', fieldManager: 'test' };

/** Runs one controller over ConfigMaps with one object, and tells when it was looked at. */
async function looksOf(reconcile: (look: number, context: Context) => Promise<Result>): Promise<{
  readonly clock: ManualClock;
  readonly looksAtMs: number[];
  readonly events: () => Promise<readonly Event[]>;
  readonly running: ReturnType<typeof runControllers>;
}> {
  const clock = manualClock(0);
  const { client } = await localApi({ clock });
  const informers = makeInformers(client, caller);
  const looksAtMs: number[] = [];
  const controller = {
    name: 'test-controller',
    kind: CONFIG_MAP,
    watches: [],
    reconcile: async (_ref: unknown, context: Context): Promise<Result> => {
      looksAtMs.push(context.now);
      return reconcile(looksAtMs.length, context);
    },
  };
  const running = runControllers([controller], { client, informers, clock, log: silentLog() });
  const name = { name: 'one', namespace: 'default' };
  await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: name }, caller);
  await clock.run(0);
  const events = async (): Promise<readonly Event[]> =>
    (await client.list<Event>({ group: '', kind: 'Event' }, {}, caller)).items;
  return { clock, looksAtMs, events, running };
}

test('what is done is left alone until something happens', async (t) => {
  const { clock, looksAtMs, running } = await looksOf(async () => done);
  await clock.run(100_000);
  t.deepEqual(looksAtMs, [0]);
  t.true(running.idle());
  await running.stop();
});

test('what wants another look at a time gets it then', async (t) => {
  const { clock, looksAtMs, running } = await looksOf(async (look) => againAt(look < 3 ? look * 700 : null));
  await clock.run(10_000);
  t.deepEqual(looksAtMs, [0, 700, 1_400]);
  await running.stop();
});

const failures = [
  { title: 'a conflict', failure: new ApiError('Conflict', 'modified') },
  { title: 'a failure of the world', failure: new WorldError('STORE_UNWRITABLE', 'disk full') },
];
for (const { title, failure } of failures) {
  test(`${title} is tried again after a back-off that doubles`, async (t) => {
    const { clock, looksAtMs, running, events } = await looksOf(async (look) => {
      if (look <= 3) throw failure;
      return done;
    });
    await clock.run(10_000);
    t.deepEqual(looksAtMs, [0, 5, 15, 35]);
    t.deepEqual(await events(), []);
    await running.stop();
  });
}

for (const failure of [
  new UserError('BAD_SCHEDULE', 'no such hour'),
  new ApiError('Invalid', 'no such field'),
]) {
  test(`${failure.name}: an event about the object, and no further try`, async (t) => {
    const { clock, looksAtMs, running, events } = await looksOf(async () => {
      throw failure;
    });
    await clock.run(10_000);
    t.deepEqual(looksAtMs, [0]);
    const [event] = await events();
    t.is(event?.reason, failure instanceof UserError ? 'BAD_SCHEDULE' : 'Invalid');
    t.is(event?.involvedObject.name, 'one');
    t.is(event?.type, 'Warning');
    await running.stop();
  });
}

test('after a stop nothing is looked at any more', async (t) => {
  const { clock, looksAtMs, running } = await looksOf(async () => againAt(1_000));
  await running.stop();
  await clock.run(10_000);
  t.deepEqual(looksAtMs, [0]);
});
