// What people read where clocks differ.

/** The command that puts logs right which are ahead. Messages about them name it. */
export const CORRECT_COMMAND = 'callvault clock correct';

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** A length of time in words, by its largest unit, rounded down: `2 days`. Without end for an infinite one. */
export function inWords(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'without end';
  const [length, unit] = UNITS.find(([least]) => milliseconds >= least) ?? [1_000, 'second'];
  const count = Math.floor(milliseconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** That a log is ahead of the clock, and what to do; for operators. */
export function aheadMessage(log: string, aheadMs: number): string {
  return `the newest event of the log of ${log} is ahead of this machine's clock (${inWords(aheadMs)}): check the clock, and if it is right run ${CORRECT_COMMAND}`;
}

/** The same for clients, who are shown no tenant's id. */
export function aheadForClients(aheadMs: number): string {
  return `the log is ahead of the service's clock (${inWords(aheadMs)}): an operator must check the clock, and run ${CORRECT_COMMAND} if it is right`;
}

/** That the clock differs from the database server's. */
export function differsFromServer(apartMs: number): string {
  return `the service's clock differs from the database server's (${inWords(apartMs)}): an operator must set the wrong one`;
}

/** That the clock was set back while the process ran. */
export function fellMessage(fellMs: number): string {
  return `the service's clock was set back (${inWords(fellMs)}): the process ends, and judges the clock anew when it starts again`;
}

/** That the clock is behind what trusted processes recorded. */
export function behindMessage(behindMs: number): string {
  return `the service's clock is behind the last trusted one of this deployment (${inWords(behindMs)}): set the clock, or run ${CORRECT_COMMAND} if it is right`;
}

/** That most witnesses of the time differ. */
export const MOST_DIFFER =
  "the service's clock differs from those of the store and the key service: an operator must set the wrong one";
