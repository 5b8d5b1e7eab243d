import test from 'ava';
import fc from 'fast-check';
import { tries } from '../../testing/thoroughness.ts';
import type { Bounds } from './fenceposts.ts';
import { minAvailableOf, resolveFenceposts } from './fenceposts.ts';
import { allOf, type Member, type Members, type Sizes, sum } from './member.ts';
import { cleanUpUnhealthy, nextNewSize, reconcileNew, reconcileOld, scaleDownOld } from './roll.ts';
import { scaleProportionally } from './scale-proportionally.ts';

const member = (fields: Partial<Member>): Member => ({
  name: 'rs',
  createdAtMs: 0,
  replicas: 0,
  observed: 0,
  available: 0,
  desiredThen: null,
  maxThen: null,
  ...fields,
});
const rolling = (fields: Partial<Bounds>): Bounds => ({
  replicas: 10,
  rolling: true,
  maxSurge: 0,
  maxUnavailable: 0,
  ...fields,
});

const newRows: readonly {
  title: string;
  current: number;
  total: number;
  bounds: Bounds;
  expected: number;
}[] = [
  {
    title: 'no room: it stays',
    current: 0,
    total: 10,
    bounds: rolling({ maxUnavailable: 2 }),
    expected: 0,
  },
  {
    title: 'the surge is the room',
    current: 0,
    total: 10,
    bounds: rolling({ maxSurge: 2 }),
    expected: 2,
  },
  {
    title: 'room for more than is wanted: what is wanted',
    current: 5,
    total: 5,
    bounds: rolling({ replicas: 6, maxSurge: 10 }),
    expected: 6,
  },
  {
    title: 'over the bound already: it stays',
    current: 3,
    total: 20,
    bounds: rolling({ maxSurge: 2 }),
    expected: 3,
  },
  {
    title: 'larger than the Deployment: it is cut',
    current: 12,
    total: 12,
    bounds: rolling({}),
    expected: 10,
  },
  {
    title: 'Recreate: all of it at once',
    current: 0,
    total: 0,
    bounds: rolling({ rolling: false }),
    expected: 10,
  },
];
for (const { title, current, total, bounds, expected } of newRows) {
  test(`the new ReplicaSet: ${title}`, (t) => {
    t.is(nextNewSize({ current, total, bounds }), expected);
  });
}

test('new pods that are not available hold the old ones back', (t) => {
  const members = {
    current: member({ name: 'new', replicas: 2, available: 0 }),
    old: [member({ name: 'old', replicas: 8, available: 8 })],
  };
  t.deepEqual([...reconcileOld(members, rolling({ maxUnavailable: 2 }))], []);
});

test('old pods that are not available go first, and go even when nothing is available', (t) => {
  const members = {
    current: member({ name: 'new', replicas: 2, available: 2 }),
    old: [
      member({ name: 'old', createdAtMs: 1, replicas: 5, available: 5 }),
      member({ name: 'broken', createdAtMs: 2, replicas: 5, available: 0 }),
    ],
  };
  t.deepEqual([...reconcileOld(members, rolling({ maxSurge: 2, maxUnavailable: 2 }))], [['broken', 1]]);
});

test('the oldest ReplicaSet shrinks first', (t) => {
  const old = [
    member({ name: 'oldest', replicas: 2 }),
    member({ name: 'older', createdAtMs: 5, replicas: 4 }),
  ];
  t.deepEqual(
    [...scaleDownOld(old, 3)],
    [
      ['oldest', 0],
      ['older', 3],
    ],
  );
});

test('a status that lags behind a smaller spec does not count as available', (t) => {
  const old = [member({ name: 'shrinking', replicas: 3, available: 5 })];
  t.deepEqual([...cleanUpUnhealthy(old, 9)], []);
});

/** A Deployment's pods as counts: what the ReplicaSets ask for, what exists, what of it is available. */
type World = {
  bounds: Bounds;
  current: string | null;
  sets: Map<
    string,
    { replicas: number; pods: number; available: number; maxThen: number; desiredThen: number }
  >;
};
type Step =
  | { readonly do: 'template'; readonly name: string }
  | { readonly do: 'resize'; readonly replicas: number; readonly surge: string; readonly unavailable: string }
  | { readonly do: 'roll' }
  | { readonly do: 'settle'; readonly name: string }
  | { readonly do: 'ready'; readonly name: string; readonly pods: number }
  | { readonly do: 'break'; readonly name: string; readonly pods: number };

const names = ['a', 'b', 'c', 'd'];
const percent = fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('template' as const), name: fc.constantFrom(...names) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('resize' as const),
      replicas: fc.nat(20),
      surge: percent,
      unavailable: percent,
    }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'roll' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('settle' as const), name: fc.constantFrom(...names) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ready' as const),
      name: fc.constantFrom(...names),
      pods: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      name: fc.constantFrom(...names),
      pods: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

const boundsFrom = (replicas: number, surge: string, unavailable: string): Bounds => {
  const posts = resolveFenceposts({ maxSurge: surge, maxUnavailable: unavailable, replicas });
  const maxUnavailable = replicas === 0 ? 0 : Math.min(posts.maxUnavailable, replicas);
  return { replicas, rolling: true, maxSurge: posts.maxSurge, maxUnavailable };
};

function membersOf(world: World): Members {
  const all = [...world.sets].map(([name, set]) =>
    member({
      name,
      createdAtMs: names.indexOf(name),
      replicas: set.replicas,
      observed: set.pods,
      available: set.available,
      maxThen: set.maxThen,
      desiredThen: set.desiredThen,
    }),
  );
  return {
    current: all.find(({ name }) => name === world.current) ?? null,
    old: all.filter(({ name }) => name !== world.current),
  };
}

/** Pods that will still be available once every ReplicaSet did what it was told (it takes away unavailable pods first). */
const lasting = (world: World): number =>
  sum(allOf(membersOf(world)), ({ available, replicas }) => Math.min(available, replicas));
const asked = (world: World): number => sum(allOf(membersOf(world)), ({ replicas }) => replicas);

function resize(world: World, sizes: Sizes): void {
  const { replicas, maxSurge } = world.bounds;
  for (const [name, size] of sizes) {
    const set = world.sets.get(name);
    if (set !== undefined) Object.assign(set, { replicas: size });
  }
  for (const set of world.sets.values()) {
    if (set.replicas > 0) Object.assign(set, { desiredThen: replicas, maxThen: replicas + maxSurge });
  }
}

function rollOnce(world: World): boolean {
  const grown = reconcileNew(membersOf(world), world.bounds);
  const sizes = grown.size > 0 ? grown : reconcileOld(membersOf(world), world.bounds);
  resize(world, sizes);
  return sizes.size > 0;
}

function settle(world: World, name: string): void {
  const set = world.sets.get(name);
  if (set === undefined) return;
  set.pods = set.replicas;
  set.available = Math.min(set.available, set.pods);
}

function apply(world: World, action: Step): void {
  switch (action.do) {
    case 'template': {
      world.current = action.name;
      if (world.sets.has(action.name)) return;
      const { replicas, maxSurge } = world.bounds;
      world.sets.set(action.name, {
        replicas: 0,
        pods: 0,
        available: 0,
        desiredThen: replicas,
        maxThen: replicas + maxSurge,
      });
      return;
    }
    case 'resize': {
      const before = asked(world);
      world.bounds = boundsFrom(action.replicas, action.surge, action.unavailable);
      resize(world, scaleProportionally(membersOf(world), world.bounds, before));
      return;
    }
    case 'roll':
      rollOnce(world);
      return;
    case 'settle':
      settle(world, action.name);
      return;
    case 'ready': {
      const set = world.sets.get(action.name);
      if (set !== undefined) set.available = Math.min(set.pods, set.available + action.pods);
      return;
    }
    case 'break': {
      const set = world.sets.get(action.name);
      if (set !== undefined) set.available = Math.max(0, set.available - action.pods);
    }
  }
}

const history = fc.record({
  replicas: fc.nat(20),
  surge: percent,
  unavailable: percent,
  steps: fc.array(step, { maxLength: 80 }),
});
const begin = (replicas: number, surge: string, unavailable: string): World => {
  const world: World = { bounds: boundsFrom(replicas, surge, unavailable), current: null, sets: new Map() };
  apply(world, { do: 'template', name: 'a' });
  return world;
};

test('property: a step of a roll never asks for more than the size and its surge', (t) => {
  fc.assert(
    fc.property(history, ({ replicas, surge, unavailable, steps }) => {
      const world = begin(replicas, surge, unavailable);
      for (const action of steps) {
        const before = asked(world);
        apply(world, action);
        if (action.do !== 'roll') continue;
        const most = Math.max(before, world.bounds.replicas + world.bounds.maxSurge);
        if (asked(world) > most) return false;
      }
      return true;
    }),
    { numRuns: tries(400) },
  );
  t.pass();
});

test('property: a step of a roll never takes availability below what must stay', (t) => {
  fc.assert(
    fc.property(history, ({ replicas, surge, unavailable, steps }) => {
      const world = begin(replicas, surge, unavailable);
      for (const action of steps) {
        const before = lasting(world);
        apply(world, action);
        if (action.do !== 'roll') continue;
        if (lasting(world) < Math.min(before, minAvailableOf(world.bounds))) return false;
      }
      return true;
    }),
    { numRuns: tries(400) },
  );
  t.pass();
});

test('property: when pods become available, every history ends with the new ReplicaSet alone at its size', (t) => {
  fc.assert(
    fc.property(history, ({ replicas, surge, unavailable, steps }) => {
      const world = begin(replicas, surge, unavailable);
      for (const action of steps) apply(world, action);
      const settleAll = (): void => {
        for (const name of world.sets.keys()) {
          settle(world, name);
          apply(world, { do: 'ready', name, pods: 100 });
        }
      };
      settleAll();
      for (let round = 0; round < 200 && rollOnce(world); round += 1) settleAll();
      const { current, old } = membersOf(world);
      return current?.replicas === world.bounds.replicas && old.every((each) => each.replicas === 0);
    }),
    { numRuns: tries(400) },
  );
  t.pass();
});

test('property: scaling in the middle of a rollout lands exactly on the size and its surge', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 4 }),
      fc.nat(60),
      fc.nat(10),
      (sizes, replicas, maxSurge) => {
        const total = sizes.reduce((a, b) => a + b, 0);
        const members = {
          current: member({ name: 'new', replicas: sizes[0] ?? 0, maxThen: total, desiredThen: total }),
          old: sizes
            .slice(1)
            .map((size, at) => member({ name: `old-${at}`, replicas: size, maxThen: total })),
        };
        const bounds = rolling({ replicas, maxSurge });
        const next = scaleProportionally(members, bounds, total);
        const after = sum(allOf(members), (each) => next.get(each.name) ?? each.replicas);
        return after === (replicas === 0 ? 0 : replicas + maxSurge);
      },
    ),
    { numRuns: tries(400) },
  );
  t.pass();
});
