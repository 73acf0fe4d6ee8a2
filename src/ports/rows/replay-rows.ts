// Rows of the replay of entries: up to when it is complete, and which processes ask whether it is.

export type ReplayRows = {
  /** The time of the tenant's last complete replay of entries; null for never. */
  readonly mark: (tenant: string) => Promise<string | null>;
  /** Tenants with questions that no process has answered, and the number of the last one. */
  readonly waiting: () => Promise<readonly Question[]>;
  /** The number of the last question of a tenant that was answered; 0 for none. */
  readonly answered: (tenant: string) => Promise<number>;
};

/** Whether a tenant's entries are replayed, as processes ask it: numbered, since a restored database has old ones. */
export type Question = { readonly tenant: string; readonly asked: number };

export type ReplayNotes = {
  /** Moves the mark of a complete replay; false where it is no longer the one that was read, or no tombstones were checked. */
  readonly moveMark: (tenant: string, from: string | null, to: string) => Promise<boolean>;
  /** Asks, and returns the question's number. */
  readonly ask: (tenant: string) => Promise<number>;
  /** Answers all questions up to this one. */
  readonly answer: (question: Question) => Promise<void>;
};
