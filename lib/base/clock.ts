/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;
/** A span of time in milliseconds. */
export type DurationMs = number;

/** A timer that has been set; `cancel` is idempotent and harmless after it fired. */
export type Timer = { cancel(): void };

/** Port: the only source of time and timers. Deciding never sees it; it is given `now`. */
export interface Clock {
  now(): EpochMs;
  /** Calls `fire` once, `delayMs` from now (never before the current call returns). */
  setTimer(delayMs: DurationMs, fire: () => void): Timer;
}

/** The longest delay one `setTimeout` can hold; longer timers are set again. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** The machine's clock. `keepAlive: false` timers do not hold the process open. */
export function systemClock(options: { readonly keepAlive: boolean } = { keepAlive: true }): Clock {
  return {
    now: () => Date.now(),
    setTimer(delayMs, fire) {
      let handle: NodeJS.Timeout;
      const arm = (leftMs: DurationMs): void => {
        const stepMs = Math.min(Math.max(leftMs, 0), TIMEOUT_MAX_MS);
        handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : fire()), stepMs);
        if (!options.keepAlive) handle.unref();
      };
      arm(delayMs);
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** What was written last: most of what is written in a second is written of that second. */
let written = { second: 0, text: '1970-01-01T00:00:00Z' };

/** RFC 3339 in whole seconds, as Kubernetes writes metav1.Time. */
export function toRfc3339(at: EpochMs): string {
  const second = Math.floor(at / 1000);
  if (second !== written.second) written = { second, text: `${new Date(at).toISOString().slice(0, 19)}Z` };
  return written.text;
}

/** RFC 3339 with microseconds, as Kubernetes writes metav1.MicroTime. */
export function toRfc3339Micro(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 23)}000Z`;
}

/** Parses RFC 3339; null when it does not parse. */
export function fromRfc3339(text: string | null | undefined): EpochMs | null {
  if (text === null || text === undefined) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

export const secondMs: DurationMs = 1_000;
export const minuteMs: DurationMs = 60_000;
export const hourMs: DurationMs = 3_600_000;

/** Resolves `delayMs` from now. */
export function pause(clock: Clock, delayMs: DurationMs): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}
