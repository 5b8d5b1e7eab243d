/**
 * How a live object fares, for those that wait for it: `ready`; `awaits-others`: it lacks only what others bring (a Service its
 * pods), so that a whole wave need not wait for it; `not-ready`.
 */
export type Standing = {
  readonly state: 'ready' | 'awaits-others' | 'not-ready';
  /** A code that does not change while nothing happens: it is recorded. */
  readonly reason: string;
};
