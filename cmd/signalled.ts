/**
 * Resolves with the first of these signals. From the call on they no longer end the process: it is to be called before anything
 * is begun that has to be ended in order.
 */
export function signalled(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(signal));
  });
}
