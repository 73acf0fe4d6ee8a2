// The pattern that most rows share: found by (tenant, id), inserted once, changed only from the version that was read.

/** A row with states. */
export type Versioned = { readonly tenant: string; readonly id: string; readonly version: number };

export type Found<Row extends Versioned> = {
  readonly find: (tenant: string, id: string) => Promise<Row | null>;
};

export type Changed<Row extends Versioned> = Found<Row> & {
  /** The row as it is now, held until the transaction ends: nobody else changes it in between. */
  readonly lock: (tenant: string, id: string) => Promise<Row | null>;
  readonly insert: (row: Row) => Promise<void>;
  /**
   * Changes the row if it is still at the version of `from`, and raises the version. False: somebody else was first.
   */
  readonly change: (from: Row, to: Partial<Omit<Row, 'tenant' | 'id' | 'version'>>) => Promise<boolean>;
};
