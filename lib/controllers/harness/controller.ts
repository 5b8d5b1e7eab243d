import type { Caller, Client } from '../../api/client.ts';
import type { EventRecorder } from '../../api/event-recorder.ts';
import type { Informers } from '../../api/informers.ts';
import type { EpochMs } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { KindRef, KubeObject, ObjectRef } from '../../schema/object.ts';
import type { Key } from './work-queue.ts';

/** What a reconcile needs. Everything it wants to know of objects it reads from informers of kinds it watches. */
export type Context = {
  /** Writes through it are waited for: the same key is not looked at again before the informers show them. */
  readonly client: Client;
  readonly informers: Informers;
  readonly caller: Caller;
  readonly events: EventRecorder;
  readonly log: Log;
  readonly now: EpochMs;
  /** Since when these controllers watch: no deadline counts time before. */
  readonly watchingSinceMs: EpochMs;
};

/** How a look ended that ended well. */
export type Result =
  | { readonly is: 'done' }
  /** Look again then, though nothing happens. */
  | { readonly is: 'again-at'; readonly atMs: EpochMs }
  /** It could not be done (the object says why), and nothing we watch would tell when it can: try again after a back-off. */
  | { readonly is: 'retry' };

export const done: Result = { is: 'done' };

export function againAt(atMs: EpochMs | null): Result {
  return atMs === null ? done : { is: 'again-at', atMs };
}

/** A kind whose changes wake a controller. Built by `watching`. */
export type Watched = {
  readonly kind: KindRef;
  /** Calls `wake` for every key that any present object maps to, and from now on for those that a change maps to. */
  subscribe(informers: Informers, wake: (key: Key) => void): { stop(): void };
};

/** Level-based: `reconcile` is told which object to look at, never what happened to it. */
export type Controller = {
  /** e.g. `deployment-controller`: the source of its events and its field manager. */
  readonly name: string;
  /** What keys name. Watched without being listed. */
  readonly kind: KindRef;
  readonly watches: readonly Watched[];
  /**
   * Looks at one object and does what is missing. UserError, ApiError and WorldError are the harness's to sort; anything
   * else ends the process.
   */
  reconcile(ref: ObjectRef, context: Context): Promise<Result>;
};

/** The changes of a kind wake the keys that the object maps to, as it was and as it is. */
export function watching<T extends KubeObject>(
  kind: KindRef,
  keysOf: (object: T, informers: Informers) => readonly Key[],
): Watched {
  return {
    kind,
    subscribe(informers, wake) {
      const informer = informers.of<T>(kind);
      const wakeAll = (object: T | undefined): void => {
        if (object !== undefined) for (const key of keysOf(object, informers)) wake(key);
      };
      for (const object of informer.objects.values()) wakeAll(object);
      return informer.onChange(({ before, after }) => {
        wakeAll(before);
        wakeAll(after);
      });
    },
  };
}
