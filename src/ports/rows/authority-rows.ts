// Rows that grant access and have no MAC yet: written by a version that had no MACs.

/** A row of one of these tables, as the port of its area reads it. */
export type RowWithoutMac = Readonly<Record<string, unknown>>;

export type AuthorityRows = {
  /** Rows of a tenant in this table that have no MAC, ordered by key. */
  readonly withoutMac: (tenant: string, table: string) => Promise<RowWithoutMac[]>;
  /** How many rows of this table have no MAC, by tenant; of these states, or of all. The deployment's rows never have one. */
  readonly countWithoutMac: (
    table: string,
    states: readonly string[] | null,
  ) => Promise<{ readonly tenant: string; readonly rows: number }[]>;
};

export type AuthorityWrites = AuthorityRows & {
  /** Adds the MAC, which covers the row's version. Throws `conflict` where it has one, or has changed. */
  readonly setMac: (table: string, row: RowWithoutMac, mac: Uint8Array) => Promise<void>;
};
