// A process of a model: it waits before each step until it may go on, and is killed there if the schedule says so.

/** What a killed process throws in the middle of its work. */
export class Killed extends Error {}

/** Called by the work before each step that a process may end at. */
export type Step = (name: string) => Promise<void>;

export type SteppedProcess = {
  /** Takes the next step, or is killed at it. */
  readonly go: (kill: boolean) => Promise<void>;
  readonly isIdle: () => boolean;
  /** Begins the work again. */
  readonly begin: () => void;
  /** Those taken since the work began last; the last one is waited at, or was the end. */
  readonly steps: () => readonly string[];
};

/** A process that does this work; `killed` is called when it was killed: what it had in memory is lost. */
export function steppedProcess(
  work: (step: Step) => Promise<unknown>,
  killed: () => void = () => undefined,
): SteppedProcess {
  type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };
  /** More than one where the work does several things at once. */
  let waiting: Waiting[] = [];
  let running: Promise<unknown> | null = null;
  const steps: string[] = [];
  let changed = (): void => undefined;
  /** Resolves when the process waits for its next step, or has ended. */
  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.length > 0 || running === null) resolve();
      else changed = resolve;
    });
  const step: Step = (name) =>
    new Promise((resolve, reject) => {
      steps.push(name);
      waiting.push({ resolve, reject });
      changed();
    });
  return {
    isIdle: () => running === null,
    begin: () => {
      steps.length = 0;
      running = work(step)
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          killed();
        })
        .finally(() => {
          running = null;
          changed();
        });
    },
    go: async (kill) => {
      await settled();
      if (waiting.length === 0) return;
      const [next, ...others] = waiting;
      waiting = kill ? [] : others;
      if (!kill) next?.resolve();
      else for (const one of [next, ...others]) one?.reject(new Killed());
      // What was resolved runs on before its next step is waited for.
      await new Promise((resolve) => setImmediate(resolve));
      await settled();
    },
    steps: () => steps,
  };
}
