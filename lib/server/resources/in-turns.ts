/**
 * Runs what is due some at a time, the first come first, with everything else that waits in between. What a thousand watchers hear of
 * so keeps no request waiting, and what happens until a watcher's turn goes out with it in one piece.
 */
export function inTurns(perTurn: number): (run: () => void) => void {
  let due: (() => void)[] = [];
  const turn = (): void => {
    const now = due;
    due = now.slice(perTurn);
    if (due.length > 0) setImmediate(turn);
    for (const run of now.slice(0, perTurn)) run();
  };
  return (run) => {
    due.push(run);
    if (due.length === 1) setImmediate(turn);
  };
}
