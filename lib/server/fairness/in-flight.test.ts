import test from 'ava';
import fc from 'fast-check';
import { inFlight, inFlightKinds } from './in-flight.ts';

const bounds = { requests: { all: 3, user: 2 }, streams: { all: 2, user: 1 }, sessions: { all: 2, user: 1 } };

test('one user takes no more than her share, and another still gets in', (t) => {
  const places = inFlight(bounds);
  const first = places.enter('ann', 'requests');
  t.truthy(places.enter('ann', 'requests'));
  t.is(places.enter('ann', 'requests'), null);
  t.truthy(places.enter('bob', 'requests'));
  t.is(places.enter('bob', 'requests'), null, 'all places are taken');
  t.truthy(places.enter('ann', 'streams'), 'streams are counted apart');
  first?.leave();
  first?.leave();
  t.truthy(places.enter('ann', 'requests'));
  t.is(places.count('requests'), 3);
});

test('places are never more than there are, and all of them come back', (t) => {
  const step = fc.record({
    user: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom(...inFlightKinds),
    enters: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const places = inFlight(bounds);
      const held: { readonly user: string; readonly kind: string; leave(): void }[] = [];
      for (const { user, kind, enters } of steps) {
        if (!enters) {
          held.shift()?.leave();
          continue;
        }
        const all = held.filter((each) => each.kind === kind);
        const own = all.filter((each) => each.user === user);
        const place = places.enter(user, kind);
        const free = all.length < bounds[kind].all && own.length < bounds[kind].user;
        if ((place !== null) !== free) return false;
        if (place !== null) held.push({ user, kind, leave: place.leave });
      }
      for (const { leave } of held) leave();
      return inFlightKinds.every((kind) => places.count(kind) === 0);
    }),
    { seed: 5 },
  );
  t.pass();
});
