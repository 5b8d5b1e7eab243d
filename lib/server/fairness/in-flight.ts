import { assert } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

export const inFlightKinds = ['requests', 'streams'] as const;
/** Streams are what is held open for long: watches, followed logs, exec. They are not to keep short requests out. */
export type InFlightKind = (typeof inFlightKinds)[number];

/** What is being answered now, of all users and of each. */
export type InFlight = {
  /** Takes a place, until `leave` is called; null when there is none left, of all or for this user. */
  enter(user: string, kind: InFlightKind): { leave(): void } | null;
  count(kind: InFlightKind): number;
};

export type InFlightBounds = Readonly<Record<InFlightKind, { readonly all: number; readonly user: number }>>;

const BOUNDS: InFlightBounds = {
  requests: { all: limits.serverRequestsMax, user: limits.serverUserRequestsMax },
  streams: { all: limits.serverStreamsMax, user: limits.serverUserStreamsMax },
};

export function inFlight(bounds: InFlightBounds = BOUNDS): InFlight {
  const all = { requests: 0, streams: 0 };
  // A user is forgotten with the last request of hers.
  const byUser = { requests: new Map<string, number>(), streams: new Map<string, number>() };
  return {
    count: (kind) => all[kind],
    enter(user, kind) {
      const users = byUser[kind];
      const own = users.get(user) ?? 0;
      if (all[kind] >= bounds[kind].all || own >= bounds[kind].user) return null;
      all[kind] += 1;
      users.set(user, own + 1);
      let left = false;
      return {
        leave() {
          if (left) return;
          left = true;
          all[kind] -= 1;
          const rest = (users.get(user) ?? 0) - 1;
          assert(rest >= 0 && all[kind] >= 0, 'nobody leaves who has not entered');
          if (rest === 0) users.delete(user);
          else users.set(user, rest);
        },
      };
    },
  };
}
