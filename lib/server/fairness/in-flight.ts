import { assert } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';

export const inFlightKinds = ['requests', 'streams', 'sessions'] as const;
/**
 * Streams are what is held open for long: watches and followed logs; sessions are exec, attach and port-forward. None of them is to
 * keep short requests out.
 */
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
  sessions: { all: limits.serverSessionsMax, user: limits.serverUserSessionsMax },
};

export function inFlight(bounds: InFlightBounds = BOUNDS): InFlight {
  const all = { requests: 0, streams: 0, sessions: 0 };
  // A user is forgotten with the last request of hers.
  const byUser: Readonly<Record<InFlightKind, Map<string, number>>> = {
    requests: new Map(),
    streams: new Map(),
    sessions: new Map(),
  };
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
