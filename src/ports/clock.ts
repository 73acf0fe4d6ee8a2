// Port: time.

export type Clock = {
  /** The wall clock in milliseconds since 1970. It may go back; only the database makes times that never do. */
  readonly now: () => number;
  /** Milliseconds of a clock that nothing sets: only differences between two readings count. */
  readonly steady: () => number;
  /** A signal that fires after this many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Milliseconds in which this thread ran, since it started, without those in which it waited for something to do. */
  readonly worked: () => number;
  /** Resolves after other waiting work has run, and after so many milliseconds; long work calls it so as not to block the event loop. */
  readonly pause: (milliseconds?: number) => Promise<void>;
  /** Calls `tick` repeatedly until the returned function is called. An error of one tick does not stop it. */
  readonly every: (milliseconds: number, tick: () => Promise<void>) => () => void;
};
