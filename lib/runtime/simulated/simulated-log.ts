import type { LogOptions } from '../../api/node-agent.ts';
import { type Clock, type EpochMs, toRfc3339Micro } from '../../base/clock.ts';
import type { SimulatedContainer } from './simulated-state.ts';

type Line = { readonly atMs: EpochMs; readonly text: string };

/** The lines a simulated container writes: one as it starts, one as it ends. */
function linesOf(container: SimulatedContainer): readonly Line[] {
  const { container: name, attempt, startsAtMs, endsAtMs, exitCode } = container;
  const started = { atMs: startsAtMs, text: `${name} started, attempt ${attempt}` };
  if (endsAtMs === Number.POSITIVE_INFINITY) return [started];
  return [started, { atMs: endsAtMs, text: `${name} ended with ${exitCode}` }];
}

/** Its log, as the options ask. With `follow` it goes on to the container's end. */
export async function* simulatedLog(
  container: SimulatedContainer,
  clock: Clock,
  options: LogOptions,
): AsyncIterable<Uint8Array> {
  const since = linesOf(container).filter(({ atMs }) => atMs >= (options.sinceMs ?? 0));
  const past = since.filter(({ atMs }) => atMs <= clock.now());
  const tail =
    options.tailLines === undefined ? past : past.slice(Math.max(0, past.length - options.tailLines));
  const shown = options.follow === true ? [...tail, ...since.filter((line) => !past.includes(line))] : tail;
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for (const { atMs, text } of shown) {
    if (left <= 0) return;
    if (atMs > clock.now()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.setTimer(atMs - clock.now(), resolve);
      await promise;
    }
    const bytes = Buffer.from(`${options.timestamps === true ? `${toRfc3339Micro(atMs)} ` : ''}${text}\n`);
    yield bytes.subarray(0, left);
    left -= bytes.length;
  }
}
