// Rows that give access and have no MAC yet: what a deployment wrote before it sealed them.

/** A row of one of these tables, as the port of its area reads it. */
export type RowWithoutMac = Readonly<Record<string, unknown>>;

export type AuthorityRows = {
  /** Rows of a tenant in this table that have no MAC, in order of their keys. */
  readonly withoutMac: (tenant: string, table: string) => Promise<RowWithoutMac[]>;
};

export type AuthorityWrites = AuthorityRows & {
  /** Gives a row its MAC, which covers the version as it is. Throws `conflict` where it has one, or has changed. */
  readonly setMac: (table: string, row: RowWithoutMac, mac: Uint8Array) => Promise<void>;
};
