import type { DaemonEvent } from './control-protocol.ts';

/** Hands events to whoever listens, as they happen; nothing is kept for later listeners. */
export function eventStream(): {
  readonly emit: (event: DaemonEvent) => void;
  readonly subscribe: (listener: (event: DaemonEvent) => void) => { close(): void };
} {
  const listeners = new Set<(event: DaemonEvent) => void>();
  return {
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return { close: () => void listeners.delete(listener) };
    },
  };
}
