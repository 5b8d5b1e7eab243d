import test from 'ava';
import fc from 'fast-check';
import { readCases } from '../../testing/case-file.ts';
import {
  type Backoff,
  backoffOfRuns,
  crashLoopRule,
  isExpired,
  raiseBackoff,
  waitUntil,
} from './restart-backoff.ts';

type Input = {
  readonly baseSeconds: number;
  readonly maxSeconds: number;
  readonly expirySeconds?: number;
  readonly ticks?: readonly number[];
  readonly failuresAt?: readonly number[];
  readonly gcAt?: readonly number[];
  readonly exits?: number;
  readonly delayReached?: number;
  readonly ranSeconds?: number;
};
type Expected = {
  readonly inBackOff?: readonly boolean[];
  readonly valueSeconds?: readonly (number | null)[];
  readonly delaySeconds?: number;
  readonly present?: readonly boolean[];
  readonly delaysSeconds?: readonly number[];
  readonly nextDelaySeconds?: number;
};

for (const { name, kind, input, expected } of readCases<Input, Expected>('restart-backoff')) {
  const rule = {
    baseMs: input.baseSeconds * 1000,
    maxMs: input.maxSeconds * 1000,
    ...(input.expirySeconds === undefined ? {} : { expiryMs: input.expirySeconds * 1000 }),
  };
  const raise = (entry: Backoff | null, at: number): Backoff =>
    raiseBackoff(entry, { failedAtMs: at * 1000, now: at * 1000 }, rule);

  test(`case ${kind}: ${name}`, (t) => {
    switch (kind) {
      case 'in-backoff-since-update': {
        let entry: Backoff | null = null;
        input.ticks?.forEach((tick, index) => {
          const now = tick * 1000;
          const held: Backoff | null = entry;
          const waits =
            held !== null && !isExpired(held, now, rule) && now < waitUntil(held, held.updatedAtMs, rule);
          t.is(expected.inBackOff?.[index], waits, `tick ${tick}`);
          if (waits) t.is(expected.valueSeconds?.[index], held.delayMs / 1000);
          else entry = raise(entry, tick);
        });
        return;
      }
      case 'high-water': {
        const entry = (input.failuresAt ?? []).reduce<Backoff | null>(raise, null);
        t.is(entry?.delayMs, (expected.delaySeconds ?? 0) * 1000);
        return;
      }
      case 'gc': {
        const entry = (input.failuresAt ?? []).reduce<Backoff | null>(raise, null);
        t.deepEqual(
          input.gcAt?.map((at) => entry !== null && !isExpired(entry, at * 1000, rule)),
          expected.present,
        );
        return;
      }
      case 'kubelet-sequence': {
        if (input.exits !== undefined) {
          // The case lists what each exit leaves for the next to wait; as in the kubelet the first restart comes at once.
          let entry: Backoff | null = null;
          let at = 0;
          const delays: number[] = [];
          for (let exit = 0; exit < input.exits; exit += 1) {
            const until: number = waitUntil(entry, at, rule);
            t.is(until, at + (delays.at(-1) ?? 0) * 1000);
            entry = raiseBackoff(entry, { failedAtMs: at, now: until }, rule);
            delays.push(entry.delayMs / 1000);
            at = until;
          }
          t.deepEqual(delays, expected.delaysSeconds);
          return;
        }
        const entry: Backoff = { delayMs: (input.delayReached ?? 0) * 1000, updatedAtMs: 0 };
        const next = raise(entry, input.ranSeconds ?? 0);
        t.is(expected.nextDelaySeconds, next.delayMs / 1000);
        return;
      }
      default:
        t.fail(`unknown kind ${kind}`);
    }
  });
}

test('the entry rebuilt from the two latest runs equals the one that was kept', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 20 }), (ranMs) => {
      let kept: Backoff | null = null;
      let startedAtMs = 0;
      ranMs.forEach((ran, attempt) => {
        const finishedAtMs = startedAtMs + ran;
        const until: number = waitUntil(kept, finishedAtMs, crashLoopRule);
        kept = raiseBackoff(kept, { failedAtMs: finishedAtMs, now: until }, crashLoopRule);
        startedAtMs = until;
        t.deepEqual(
          backoffOfRuns(
            { attempt: attempt + 1, startedAtMs, previousFinishedAtMs: finishedAtMs },
            crashLoopRule,
          ),
          kept,
        );
      });
    }),
  );
});
