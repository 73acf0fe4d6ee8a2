// A database whose next change stops before one of its statements, with its transaction open, until it is released.
import type { Database, Transaction } from '../../src/ports/database.ts';
import { gate } from './fixture-rows.ts';

/** A database with one held change. */
export type HeldChange = {
  readonly db: Database;
  /** Resolves where the change stops. */
  readonly stopped: Promise<void>;
  /** Resolves when a change is asked for, before its transaction begins. */
  readonly asked: Promise<void>;
  readonly release: () => void;
  /** How often the change ran: again after a deadlock. */
  readonly runs: () => number;
};

/** Holds the change before its statement number `at`, from 1; null: never. Statements keep the order of their calls. */
export function heldChange(db: Database, at: number | null): HeldChange {
  const [stopping, asking, going] = [gate(), gate(), gate()];
  let [statements, runs] = [0, 0];
  const held = (tx: Transaction): Transaction => {
    let turn = Promise.resolve();
    const inTurn =
      (area: object, call: (...args: unknown[]) => unknown) =>
      async (...args: unknown[]): Promise<unknown> => {
        statements++;
        if (statements === at)
          turn = turn.then(() => {
            stopping.open();
            return going.passed;
          });
        // Statements that are sent together must not overtake the held one.
        await turn;
        return Reflect.apply(call, area, args) as unknown;
      };
    const proxied = <T extends object>(area: T): T =>
      new Proxy(area, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value === 'function') return inTurn(target, value as () => unknown);
          return typeof value === 'object' && value !== null ? proxied(value) : value;
        },
      });
    return proxied(tx);
  };
  return {
    db: {
      ...db,
      change: (work, wait) => {
        asking.open();
        return db.change((tx) => {
          runs++;
          return work(held(tx));
        }, wait);
      },
    },
    stopped: stopping.passed,
    asked: asking.passed,
    release: going.open,
    runs: () => runs,
  };
}
