// What an event of a change says of what it did.

/** What of an event its lines depend on. */
export type Effect = {
  readonly action: string;
  readonly object: { readonly id: string } & Readonly<Record<string, unknown>>;
};
