// The common pattern of rows: found by (tenant, id), inserted once, updated only from the version that was read.

/** A row with states. */
export type Versioned = { readonly tenant: string; readonly id: string; readonly version: number };

export type FindableRows<Row extends Versioned> = {
  readonly find: (tenant: string, id: string) => Promise<Row | null>;
};

export type ChangeableRows<Row extends Versioned> = FindableRows<Row> & {
  /** The row, locked until the transaction ends. */
  readonly lock: (tenant: string, id: string) => Promise<Row | null>;
  readonly insert: (row: Row) => Promise<void>;
  /**
   * Updates the row if it is still at the version of `from`, and increments the version. False: a concurrent update won.
   */
  readonly change: (from: Row, to: Partial<Omit<Row, 'tenant' | 'id' | 'version'>>) => Promise<boolean>;
};

/** A row that grants access: it counts only with its MAC. */
export type RowMac = { readonly mac: Uint8Array | null };

/** An update of a row that grants access, with the MAC of the resulting row; null where that grants nothing. */
export type AuthorityChange<Row> = Partial<Omit<Row, 'tenant' | 'id' | 'version' | 'mac'>> & RowMac;

/** As `ChangeableRows`, for rows that grant access. */
export type ChangeableAuthorityRows<Row extends Versioned & RowMac> = Omit<ChangeableRows<Row>, 'change'> & {
  readonly change: (from: Row, to: AuthorityChange<Row>) => Promise<boolean>;
};
