// A check of a decision: passed, failed with a code, or not reached.

/** One check. `ok` is null where it is not reached yet; `code` says why it failed. */
export type Check = {
  readonly check: string;
  readonly ok: boolean | null;
  readonly code?: string;
  /** What the check compares with: a state, a number of minutes or hours, a role. */
  readonly detail?: string;
  /** Of the check `approval` alone. */
  readonly approvals?: Approvals;
};

/** How many have approved, of how many who must. */
export type Approvals = { readonly given: number; readonly needed: number };

/** A check: its code, which says why it failed, is left out where it passed. */
export function check(
  name: string,
  ok: boolean | null,
  code: string,
  more: Pick<Check, 'detail' | 'approvals'> = {},
): Check {
  return { check: name, ok, ...(ok === true ? {} : { code }), ...more };
}

/** Whether every check passed. */
export function passes(checks: readonly Check[]): boolean {
  return checks.every(({ ok }) => ok === true);
}

/** The code of the first check that did not pass. */
export function firstFailure(checks: readonly Check[]): string | undefined {
  return checks.find(({ ok }) => ok !== true)?.code;
}

/** The checks as they are answered: nothing is said of those behind the first that did not pass, which are not reached. */
export function untilFailure(checks: readonly Check[]): Check[] {
  const failed = checks.findIndex(({ ok }) => ok !== true);
  return checks.map((one, at) => (failed < 0 || at <= failed ? one : { check: one.check, ok: null }));
}
