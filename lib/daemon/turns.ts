/** One piece of work after the other, in the order they were given; a piece that fails does not keep those after it from their turn. */
export type Turns = {
  <T>(work: () => Promise<T>): Promise<T>;
  /** Nothing is under way or waits. */
  readonly idle: () => boolean;
};

export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  const take = <T>(work: () => Promise<T>): Promise<T> => {
    open += 1;
    const turn = last.then(work).finally(() => {
      open -= 1;
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return Object.assign(take, { idle: () => open === 0 });
}
