// Port: what the database lets its user do.

/** The rights of the database user that this process has, compared with those that a use needs. */
export type UserRights = {
  readonly user: string;
  /** Whether the user may also change and drop the tables: it owns them, or may become their owner. */
  readonly ownsTables: boolean;
  /** Rights that the use needs and the user lacks, such as `insert on comment`. */
  readonly missing: readonly string[];
  /** Rights that the user has and the use does not need, on tables of callvault. */
  readonly excess: readonly ExcessRight[];
  /** Whether the user may free deleted rows at once (VACUUM); otherwise the server does so in its own time. */
  readonly mayVacuum: boolean;
  /** Whether the user sees how old the transactions of other users are, which may still read deleted rows. */
  readonly seesTransactions: boolean;
};

/** `grantsAccess`: the right writes or deletes rows that give access. */
export type ExcessRight = { readonly right: string; readonly grantsAccess: boolean };
