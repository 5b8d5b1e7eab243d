/** One line of the bench. `aim` is the design's budget in the same unit; how figures compare is for people to say. */
export function figure(
  name: string,
  value: number,
  unit: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  process.stdout.write(`${JSON.stringify({ name, value: Math.round(value * 100) / 100, unit, ...more })}\n`);
}

/** The p-th percentile (0 to 100) of some samples, nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

/** How long `run` takes, in milliseconds. */
export async function timed<T>(
  run: () => Promise<T> | T,
): Promise<{ readonly ms: number; readonly result: T }> {
  const start = performance.now();
  const result = await run();
  return { ms: performance.now() - start, result };
}

/** Resident memory after a collection, in MB (10^6 bytes). */
export function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1e6;
}
