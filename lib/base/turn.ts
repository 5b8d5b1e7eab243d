let waiting = 0;

/** Lets whatever else waits (timers, sockets, probes) have its turn; for work that is long and never waits by itself. */
export function nextTurn(): Promise<void> {
  waiting += 1;
  return new Promise((resolve) => {
    setImmediate(() => {
      waiting -= 1;
      resolve();
    });
  });
}

/** How many turns are waited for now: a clock that stands still goes on only when there are none. */
export function turnsWaiting(): number {
  return waiting;
}
