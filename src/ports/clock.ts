// Time, as the world supplies it.

export type Clock = {
  /** The wall clock in milliseconds since 1970. Only the database's mark makes it a time that never goes back. */
  readonly now: () => number;
  /** A signal that fires after so many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Resolves after everything else that waits has had its turn: for long work that must not hold it up. */
  readonly pause: () => Promise<void>;
  /** Calls `tick` again and again until the returned function is called. An error of one tick does not end it. */
  readonly every: (milliseconds: number, tick: () => Promise<void>) => () => void;
};
