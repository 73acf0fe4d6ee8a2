// What the shared worker and the pages say to one another.

/** An event of the service about access; it names things and never quotes anybody. */
export type AccessEvent = {
  readonly type:
    | ('requested' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'revoked')
    | ('grant_expired' | 'session_ended');
  readonly request?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly recording?: string;
  readonly reason?: string;
};

export type ToPage = { readonly open: boolean } | { readonly event: AccessEvent };
export type ToWorker = 'hello' | 'bye' | 'again';
