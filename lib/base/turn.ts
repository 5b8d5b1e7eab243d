/** Lets whatever else waits (timers, sockets, probes) have its turn; for work that is long and never waits by itself. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
