// Port: time.

export type Clock = {
  /** The wall clock in milliseconds since 1970. It may go back; only the database makes times that never do. */
  readonly now: () => number;
  /** Milliseconds of a clock that nothing sets: only differences between two readings count. */
  readonly steady: () => number;
  /** A signal that fires after this many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Resolves after other waiting work has run; long work calls it so as not to block the event loop. */
  readonly pause: () => Promise<void>;
  /** Calls `tick` repeatedly until the returned function is called. An error of one tick does not stop it. */
  readonly every: (milliseconds: number, tick: () => Promise<void>) => () => void;
};
