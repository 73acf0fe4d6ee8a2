// The pattern that most rows share: found by (tenant, id), inserted once, changed only from the version that was read.

/** A row with states. */
export type Versioned = { readonly tenant: string; readonly id: string; readonly version: number };

export type FindableRows<Row extends Versioned> = {
  readonly find: (tenant: string, id: string) => Promise<Row | null>;
};

export type ChangeableRows<Row extends Versioned> = FindableRows<Row> & {
  /** The row as it is now, held until the transaction ends: nobody else changes it in between. */
  readonly lock: (tenant: string, id: string) => Promise<Row | null>;
  readonly insert: (row: Row) => Promise<void>;
  /**
   * Changes the row if it is still at the version of `from`, and raises the version. False: somebody else was first.
   */
  readonly change: (from: Row, to: Partial<Omit<Row, 'tenant' | 'id' | 'version'>>) => Promise<boolean>;
};

/** A row that gives access: it counts only with its MAC. */
export type RowMac = { readonly mac: Uint8Array | null };

/** What changes in a row that gives access, with the MAC of the row it becomes; null where that gives nothing. */
export type AuthorityChange<Row> = Partial<Omit<Row, 'tenant' | 'id' | 'version' | 'mac'>> & RowMac;

/** As `Changed`, for rows that give access. */
export type ChangeableAuthorityRows<Row extends Versioned & RowMac> = Omit<ChangeableRows<Row>, 'change'> & {
  readonly change: (from: Row, to: AuthorityChange<Row>) => Promise<boolean>;
};
