import type { Client } from '../../api/client.ts';
import { eventRecorder } from '../../api/event-recorder.ts';
import type { Informers } from '../../api/informers.ts';
import type { Clock } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { type Controller, watching } from './controller.ts';
import { keyOf, refOfKey } from './object-key.ts';
import { outcomeOf } from './outcome.ts';
import { ownWrites } from './own-writes.ts';
import { settleOutcome } from './settle-outcome.ts';
import { type Key, workQueue } from './work-queue.ts';
import { workerPool } from './worker-pool.ts';

export type Deps = {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
};

export type Running = {
  /** Resolves once what is in flight has ended; nothing is begun any more. */
  stop(): Promise<void>;
  /** Nothing to look at and nothing in flight; what is delayed does not count. */
  idle(): boolean;
};

/** Runs controllers until `stop`. Each begins once its informers have their first list. */
export function runControllers(controllers: readonly Controller[], deps: Deps): Running {
  const running = controllers.map((controller) => runController(controller, deps));
  return {
    async stop() {
      await Promise.all(running.map((each) => each.stop()));
    },
    idle: () => running.every((each) => each.idle()),
  };
}

function runController(controller: Controller, deps: Deps): Running {
  const { client, informers, clock } = deps;
  const { name, kind } = controller;
  const log = deps.log.with({ controller: name });
  const watches = [watching(kind, (object) => [keyOf(object)]), ...controller.watches];
  const kinds = watches.map((each) => each.kind);
  const writes = ownWrites({ client, informers, kinds });
  const events = eventRecorder({ client, clock, log: deps.log, component: name });
  const queue = workQueue({ clock, onReady: () => pool.wake() });
  /** Keys that wait for the informers to show what was written for them. */
  const behind = new Set<Key>();
  const shared = {
    informers,
    events,
    caller: { user: `system:serviceaccount:kube-system:${name}`, fieldManager: name },
    watchingSinceMs: clock.now(),
  };
  let synced = false;
  let stopped = false;

  const lookAt = async (key: Key): Promise<void> => {
    if (writes.isBehind(key)) {
      behind.add(key);
      queue.delay(key, clock.now() + timings.controllerCatchUpMs);
      return;
    }
    behind.delete(key);
    queue.delay(key, null);
    const ref = refOfKey(kind, key);
    const context = { ...shared, client: writes.clientFor(key), log: log.with({ key }), now: clock.now() };
    const outcome = await controller.reconcile(ref, context).catch(outcomeOf);
    if (stopped) return;
    const tell = ({ code, message }: { readonly code: string; readonly message: string }): void => {
      const object = informers.of(kind).get(ref);
      if (object !== undefined) events.record(object, { type: 'Warning', reason: code, message });
    };
    settleOutcome(outcome, { key, queue, log, tell });
  };
  const pool = workerPool({
    take: () => (synced ? queue.take() : undefined),
    work: lookAt,
    done: (key) => queue.done(key),
  });

  const wakeBehind = (): void => {
    for (const key of behind) queue.add(key);
  };
  const subscriptions = [
    ...watches.map((each) => each.subscribe(informers, queue.add)),
    ...kinds.map((each) => informers.of(each).onChange(wakeBehind)),
  ];
  // The informers' first list is not waited for by `stop`: it may never come.
  void Promise.all(kinds.map((each) => informers.of(each).synced)).then(() => {
    synced = true;
    pool.wake();
  });
  return {
    async stop() {
      stopped = true;
      for (const each of subscriptions) each.stop();
      queue.close();
      await pool.stop();
      await events.flush();
      writes.forgetAll();
    },
    idle: () => synced && queue.idle() && pool.idle() && behind.size === 0 && events.idle(),
  };
}
