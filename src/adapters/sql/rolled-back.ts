// The end of a transaction whose work found nothing to change.

/** Thrown inside the transaction, so that what it wrote is rolled back; `result` is what the change then gives. */
export class RolledBack extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super('nothing to change');
    this.result = result;
  }
}
