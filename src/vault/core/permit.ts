// What permits a dangerous act in its transaction: no second person yet, one person alone, or an approved change.
import type { NewEvent } from '../../model/audit-event.ts';
import type { Transaction } from '../../ports/database.ts';

/** What the act's events say of the second person. */
export type Marks = { readonly change?: string; readonly alone?: number };

/** What permits an act on a tenant or the deployment. */
export type Permit = {
  readonly marks: Marks;
  /** Called in the transaction before it changes anything: locks the tenant. Throws `conflict`. */
  readonly check: (tx: Transaction) => Promise<void>;
  /** Called with the act's events. Returns those that follow. */
  readonly finish: (tx: Transaction, events: readonly NewEvent[]) => Promise<readonly NewEvent[]>;
};

/** The permit of an act without a change. */
export function permitWithout(marks: Marks): Permit {
  return { marks, check: async () => undefined, finish: async () => [] };
}

/** For acts that need no second person. */
export const UNRESTRICTED: Permit = permitWithout({});
