import { styleText } from 'node:util';
import { type DurationMs, hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { assertNever } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { printable } from '../../manifests/problem-text.ts';
import { refText } from '../../schema/object.ts';
import { stepText } from './rollout-step.ts';
import type { Simulation } from './simulate-rollout.ts';

const ASSUMED = 'images exist, programs start, and pods are ready as soon as their probes allow';

/** A simulation for people: what happens when, what is ready the while, and how it ends. */
export function simulationText(
  simulation: Simulation,
  { colour, from }: { readonly colour: boolean; readonly from: 'live' | 'empty' },
): string {
  const { steps, availability, spentBudgets } = simulation;
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, printable(text), { validateStream: false }) : printable(text);
  const shown = steps.slice(0, limits.simulationStepsShown).map((step) => {
    const line = `  ${`+${spanText(step.atMs)}`.padEnd(9)} ${stepText(step)}`;
    return step.kind === 'waits' || step.kind === 'failed' ? paint('yellow', line) : printable(line);
  });
  const more = steps.length - shown.length;
  const begin = from === 'live' ? 'what runs now' : 'an empty cluster on this machine';
  return [
    `Simulated from ${begin}, taking it that ${ASSUMED}:`,
    ...shown,
    ...(more > 0 ? [`  ... and ${more} more steps; -o json has them all`] : []),
    ...(availability.length === 0 ? [] : ['Ready at the lowest:']),
    ...availability.map(({ workload, wanted, before, lowest, lowestAtMs }) => {
      const when = lowest < before ? ` at +${spanText(lowestAtMs)}` : '';
      return paint(
        lowest === 0 ? 'red' : 'reset',
        `  ${refText(workload)} ${lowest} of ${wanted ?? before}${when}`,
      );
    }),
    ...spentBudgets.map((ref) =>
      paint('yellow', `${refText(ref)} allows no eviction then: a drain would wait.`),
    ),
    ...endLines(simulation, paint),
    '',
  ].join('\n');
}

function endLines(
  { outcome, durationMs, stops, bound }: Simulation,
  paint: (format: Parameters<typeof styleText>[0], text: string) => string,
): readonly string[] {
  switch (outcome) {
    case 'completes':
      return [paint('green', `It is done in ${spanText(durationMs)}.`)];
    case 'nothing-to-do':
      return ['There is nothing to do.'];
    case 'bound-met': {
      const most =
        bound === 'time' ? spanText(limits.simulationSpanMaxMs) : `${limits.simulationChangesMax} changes`;
      return [paint('yellow', `Not seen to its end: no more than ${most} are simulated.`)];
    }
    case 'stops':
      return [
        paint('red', 'It stops:'),
        ...stops.map(({ object, atMs, reason, message, takenBack }) => {
          const then = takenBack ? '; it is taken back to what was good' : '';
          return paint('red', `  ${refText(object)} at +${spanText(atMs)}: ${reason}: ${message}${then}`);
        }),
      ];
    default:
      return assertNever(outcome);
  }
}

/** `0.2s`, `14s`, `2m5s`, `1h0m`. */
export function spanText(durationMs: DurationMs): string {
  if (durationMs < 10 * secondMs) return `${Math.round(durationMs / 100) / 10}s`;
  const seconds = Math.round(durationMs / secondMs);
  if (durationMs < minuteMs) return `${seconds}s`;
  if (durationMs < hourMs) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  const minutes = Math.round(durationMs / minuteMs);
  return `${Math.floor(minutes / 60)}h${minutes % 60}m`;
}
