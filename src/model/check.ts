// One check of a decision: passed, failed with a code, or not reached.

/** One check. `ok` is null where it was not reached; `code` says why it failed. */
export type Check = {
  readonly check: string;
  readonly ok: boolean | null;
  readonly code?: string;
  /** The value that the check compares with: a state, a number of minutes or hours, a role. */
  readonly detail?: string;
  /** Present in the check `approval` only. */
  readonly approvals?: Approvals;
};

/** The number of approvals so far, and the number required. */
export type Approvals = { readonly given: number; readonly needed: number };

/** Creates a check; a passed one has no code. */
export function check(
  name: string,
  ok: boolean | null,
  code: string,
  more?: Pick<Check, 'detail' | 'approvals'>,
): Check {
  const made = ok === true ? { check: name, ok } : { check: name, ok, code };
  return more === undefined ? made : { ...made, ...more };
}

/** Whether every check passed. */
export function passes(checks: readonly Check[]): boolean {
  return checks.every(({ ok }) => ok === true);
}

/** The code of the first check that did not pass. */
export function firstFailure(checks: readonly Check[]): string | undefined {
  return checks.find(({ ok }) => ok !== true)?.code;
}

/** The checks for an answer: details of checks behind the first failure are removed, since they were not reached. */
export function untilFailure(checks: readonly Check[]): Check[] {
  const failed = checks.findIndex(({ ok }) => ok !== true);
  return checks.map((one, at) => (failed < 0 || at <= failed ? one : { check: one.check, ok: null }));
}
