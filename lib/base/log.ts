import type { Clock } from './clock.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: an event name in kebab-case, then fields. Never a secret value. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with `fields` added to every line. */
  with(fields: LogFields): Log;
}

/** Writes one JSON line per event through `write` (the line has no newline at its end). */
export function jsonLog(options: {
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly write: (line: string) => void;
  readonly fields?: LogFields;
}): Log {
  const least = logLevels.indexOf(options.level);
  const emit = (level: LogLevel, event: string, fields: LogFields = {}): void => {
    if (logLevels.indexOf(level) < least) return;
    const time = new Date(options.clock.now()).toISOString();
    options.write(JSON.stringify({ time, level, event, ...options.fields, ...fields }));
  };
  return {
    debug: (event, fields) => emit('debug', event, fields),
    info: (event, fields) => emit('info', event, fields),
    warn: (event, fields) => emit('warn', event, fields),
    error: (event, fields) => emit('error', event, fields),
    with: (fields) => jsonLog({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

/** A log that keeps nothing. */
export function silentLog(): Log {
  const ignore = (): void => {};
  const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, with: () => log };
  return log;
}
