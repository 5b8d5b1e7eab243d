import { WorldError } from '../../../base/errors.ts';

/** At most `atOnce` at work, the others in their order. WorldError TOO_MANY_WAIT beyond `waitingMax`. */
export function turns({ atOnce, waitingMax }: { readonly atOnce: number; readonly waitingMax: number }): {
  take<T>(work: () => Promise<T>): Promise<T>;
} {
  const waiting: (() => void)[] = [];
  let working = 0;
  return {
    async take(work) {
      if (working >= atOnce) {
        if (waiting.length >= waitingMax)
          throw new WorldError('TOO_MANY_WAIT', `more than ${waitingMax} wait for their turn`);
        // Whoever ends gives its place to the next: it is counted on.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else working += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) working -= 1;
        else next();
      }
    },
  };
}
