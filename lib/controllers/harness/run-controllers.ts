import type { Client } from '../../api/client.ts';
import { eventRecorder } from '../../api/event-recorder.ts';
import type { Informers } from '../../api/informers.ts';
import type { Clock } from '../../base/clock.ts';
import { assertNever } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { type Context, type Controller, watching } from './controller.ts';
import { keyOf, refOfKey } from './object-key.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { ownWrites } from './own-writes.ts';
import { type Key, workQueue } from './work-queue.ts';

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
  const queue = workQueue({ clock, onReady: () => pumpSoon() });
  /** Keys that wait for the informers to show what was written for them. */
  const behind = new Set<Key>();
  const watchingSinceMs = clock.now();
  const inFlight = new Set<Promise<void>>();
  let synced = false;
  let stopped = false;
  let pumping = false;

  // A change is told in the middle of a batch of changes: looking waits until all of it is taken in.
  const pumpSoon = (): void => {
    if (pumping) return;
    pumping = true;
    queueMicrotask(() => {
      pumping = false;
      pump();
    });
  };
  const pump = (): void => {
    while (synced && !stopped && inFlight.size < limits.controllerWorkersMax) {
      const key = queue.take();
      if (key === undefined) return;
      const work = lookAt(key).finally(() => {
        queue.done(key);
        inFlight.delete(work);
        pumpSoon();
      });
      inFlight.add(work);
    }
  };
  const lookAt = async (key: Key): Promise<void> => {
    if (writes.isBehind(key)) {
      behind.add(key);
      queue.delay(key, clock.now() + timings.controllerCatchUpMs);
      return;
    }
    behind.delete(key);
    queue.delay(key, null);
    settle(key, await attempt(key));
  };
  const attempt = async (key: Key): Promise<Outcome> => {
    const context: Context = {
      client: writes.clientFor(key),
      informers,
      caller: { user: `system:serviceaccount:kube-system:${name}`, fieldManager: name },
      events,
      log: log.with({ key }),
      now: clock.now(),
      watchingSinceMs,
    };
    try {
      return await controller.reconcile(refOfKey(kind, key), context);
    } catch (thrown) {
      return outcomeOf(thrown);
    }
  };
  const settle = (key: Key, outcome: Outcome): void => {
    if (stopped) return;
    switch (outcome.is) {
      case 'done':
        queue.forget(key);
        return;
      case 'again-at':
        queue.forget(key);
        queue.delay(key, outcome.atMs);
        return;
      case 'conflict':
      case 'world-error': {
        const failures = queue.retry(key);
        log.debug(outcome.is, { key, failures, message: outcome.message });
        return;
      }
      case 'retry':
        queue.retry(key);
        return;
      case 'user-error': {
        queue.forget(key);
        log.info('user-error', { key, code: outcome.code, message: outcome.message });
        const object = informers.of(kind).get(refOfKey(kind, key));
        if (object === undefined) return;
        events.record(object, { type: 'Warning', reason: outcome.code, message: outcome.message });
        return;
      }
      default:
        assertNever(outcome);
    }
  };

  const subscriptions = watches.map((each) => each.subscribe(informers, queue.add));
  const wakers = kinds.map((each) =>
    informers.of(each).onChange(() => {
      for (const key of behind) queue.add(key);
    }),
  );
  // The informers' first list is not waited for by `stop`: it may never come.
  void Promise.all(kinds.map((each) => informers.of(each).synced)).then(() => {
    synced = true;
    pumpSoon();
  });
  return {
    async stop() {
      stopped = true;
      for (const each of [...subscriptions, ...wakers]) each.stop();
      queue.close();
      await Promise.all(inFlight);
      await events.flush();
      writes.forgetAll();
    },
    idle: () => synced && queue.idle() && behind.size === 0 && events.idle() && !pumping,
  };
}
