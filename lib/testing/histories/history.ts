import { type Random, seededRandom } from '../../base/random.ts';

/** How a program of a history behaves; the fields are those of a simulated behaviour. */
export type Program = {
  readonly readyAfterMs: number;
  readonly stopAfterMs: number | null;
  readonly exitAfterMs: number | null;
  readonly exitCode: number;
};

/** One workload as it is pushed; names say its kind: web-*, db-*, run-*, each-*. */
export type Workload =
  | {
      readonly kind: 'Deployment';
      readonly name: string;
      readonly replicas: number;
      readonly version: number;
      /** null: Recreate. */
      readonly rolling: {
        readonly maxSurge: number | string;
        readonly maxUnavailable: number | string;
      } | null;
      readonly minReadySeconds: number;
      readonly program: Program;
      readonly cpuMillis: number;
      /** Of a budget over its pods; null: none. */
      readonly minAvailable: number | null;
    }
  | {
      readonly kind: 'StatefulSet';
      readonly name: string;
      readonly replicas: number;
      readonly version: number;
      readonly parallel: boolean;
      readonly partition: number;
      readonly program: Program;
      readonly cpuMillis: number;
      readonly minAvailable: number | null;
    }
  | {
      readonly kind: 'Job';
      readonly name: string;
      readonly completions: number;
      readonly parallelism: number;
      readonly indexed: boolean;
      readonly program: Program;
      readonly cpuMillis: number;
    }
  | {
      readonly kind: 'DaemonSet';
      readonly name: string;
      readonly version: number;
      readonly program: Program;
      readonly cpuMillis: number;
    };

export type Step =
  | { readonly do: 'push'; readonly workload: Workload }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'pass'; readonly spanMs: number }
  /** The daemon dies; the next one dies at this call of its ports, the one after that does not. null: the next one lives. */
  | { readonly do: 'crash'; readonly again: number | null }
  | { readonly do: 'lose'; readonly node: number }
  | { readonly do: 'return'; readonly node: number }
  /** One of the pods there are, by its place among their names. */
  | { readonly do: 'evict'; readonly pod: number }
  | { readonly do: 'delete'; readonly pod: number };

/** What happens to a cluster, in order; all of it is data, so that one that found a fault can be kept. */
export type History = {
  readonly seed: number;
  readonly nodes: number;
  readonly steps: readonly Step[];
};

/** The history of a seed: always the same, as long as this file is. */
export function historyOf(seed: number): History {
  const random = seededRandom(seed * 7_919 + 17);
  const nodes = 1 + draw(random, 3);
  const steps: Step[] = [{ do: 'push', workload: workloadOf(random) }];
  const count = 4 + draw(random, 9);
  while (steps.length < count) steps.push(stepOf(random, nodes));
  return { seed, nodes, steps };
}

function stepOf(random: Random, nodes: number): Step {
  const die = draw(random, 100);
  if (die < 34) return { do: 'push', workload: workloadOf(random) };
  if (die < 38) return { do: 'remove', name: one(random, NAMES) };
  if (die < 68) return { do: 'pass', spanMs: one(random, [0, 1, 50, 700, 1_500, 4_000, 9_000, 30_000]) };
  if (die < 78) return { do: 'crash', again: draw(random, 2) === 0 ? null : 1 + draw(random, 120) };
  if (die < 83) return { do: 'lose', node: draw(random, nodes) };
  if (die < 87) return { do: 'return', node: draw(random, nodes) };
  if (die < 90) return { do: 'pass', spanMs: 400_000 };
  if (die < 95) return { do: 'evict', pod: draw(random, 8) };
  return { do: 'delete', pod: draw(random, 8) };
}

const NAMES = ['web-a', 'web-b', 'db-a', 'run-a', 'run-b', 'each-a'] as const;

function workloadOf(random: Random): Workload {
  const name = one(random, NAMES);
  const common = { name, cpuMillis: one(random, [50, 400, 1_100]) };
  const version = draw(random, 4);
  const minAvailable = one(random, [null, null, 0, 1, 2]);
  switch (name) {
    case 'web-a':
    case 'web-b':
      return {
        ...{ kind: 'Deployment', ...common, version, minAvailable, replicas: draw(random, 5) },
        // A name has one strategy for good: what a change of it allows on the way is nobody's word.
        rolling: name === 'web-b' ? null : one(random, ROLLING),
        minReadySeconds: one(random, [0, 0, 2]),
        program: serving(random),
      };
    case 'db-a':
      return {
        ...{ kind: 'StatefulSet', ...common, version, minAvailable, replicas: draw(random, 4) },
        ...{ parallel: false, partition: one(random, [0, 0, 1]), program: serving(random) },
      };
    case 'run-a':
    case 'run-b':
      return {
        ...{ kind: 'Job', ...common, completions: 1 + draw(random, 4), parallelism: 1 + draw(random, 3) },
        ...{ indexed: name === 'run-b', program: ending(random) },
      };
    case 'each-a':
      return { kind: 'DaemonSet', ...common, version, program: serving(random) };
  }
}

const ROLLING = [
  { maxSurge: 1, maxUnavailable: 0 },
  { maxSurge: 0, maxUnavailable: 1 },
  { maxSurge: 2, maxUnavailable: 1 },
  { maxSurge: '25%', maxUnavailable: '25%' },
  { maxSurge: 0, maxUnavailable: '50%' },
] as const;

function serving(random: Random): Program {
  const fails = draw(random, 4) === 0;
  return {
    readyAfterMs: one(random, [0, 900, 3_000]),
    stopAfterMs: one(random, [0, 1_200, null]),
    exitAfterMs: fails ? one(random, [0, 2_500]) : null,
    exitCode: 1,
  };
}

function ending(random: Random): Program {
  return {
    ...{ readyAfterMs: 0, stopAfterMs: 0, exitCode: draw(random, 5) === 0 ? 1 : 0 },
    exitAfterMs: one(random, [0, 800, 5_000]),
  };
}

function draw(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

function one<T>(random: Random, of: readonly [T, ...T[]] | readonly T[]): T {
  const chosen = of[draw(random, of.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}
