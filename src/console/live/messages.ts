// Messages between the shared worker and the pages.

/** An access event of the service; it has ids and no personal data. */
export type AccessEvent = {
  readonly type:
    | ('requested' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'revoked')
    | ('grant_extended' | 'grant_expired' | 'session_ended')
    | ('assigned' | 'done' | 'returned');
  readonly request?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly batch?: string;
  readonly recording?: string;
  readonly reason?: string;
};

export type ToPage = { readonly open: boolean } | { readonly event: AccessEvent };
export type ToWorker = 'hello' | 'bye' | 'again';
