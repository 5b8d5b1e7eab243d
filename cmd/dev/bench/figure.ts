/** One line of the bench. `aim` is the design's budget in the same unit; how figures compare is for people to say. */
export type Figure = { readonly name: string; readonly value: number; readonly unit: string } & Readonly<
  Record<string, unknown>
>;

export function figure(
  name: string,
  value: number,
  unit: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const said: Figure = { name, value: rounded(value), unit, ...more };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** To two decimals. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The p-th percentile (0 to 100) of some samples, nearest rank. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

export type Timed<T> = {
  /** Wall time. */
  readonly ms: number;
  /** CPU time of the whole process, all threads: what a busy machine does not change. */
  readonly cpuMs: number;
  readonly result: T;
};

export async function timed<T>(run: () => Promise<T> | T): Promise<Timed<T>> {
  const start = performance.now();
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpuMs: rounded((user + system) / 1000), result };
}
