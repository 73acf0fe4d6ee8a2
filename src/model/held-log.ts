// A log that is held: its database differs from what was published of it, so it takes no events until it is restored.

/** How a database differs from what was published: it has fewer events, or others. */
export type Difference = 'behind' | 'fork';

/**
 * The state of a log. `restoring`: the index of the first event that a restore under way brings back; null without one.
 * `restored`: the index of the newest event `log.restored`, -1 without one.
 */
export type LogState = {
  readonly size: number;
  readonly held: Difference | null;
  readonly restoring: number | null;
  readonly restored: number;
};

/** The command that ends a hold. Messages about a held log name it. */
export const RESTORE_COMMAND = 'callvault log restore';

/** What is wrong with a log that is held, and what ends it; for operators. */
export function heldMessage(log: string, held: Difference): string {
  return `the log of ${log} is held, because its database has ${what(held)}: run ${RESTORE_COMMAND} ${log}`;
}

/** The same for clients, who are shown no tenant's id. */
export function heldForClients(held: Difference): string {
  return `the log is held, because its database has ${what(held)}: an operator must run ${RESTORE_COMMAND}`;
}

function what(held: Difference): string {
  return held === 'behind' ? 'fewer events than were published' : 'other events than were published';
}
