// The tables that grow, with the columns that the seeder writes.

/** A value of a row: what both engines store. */
export type Value = string | number | Uint8Array | null;
export type Row = readonly Value[];

const VERSIONED = ['tenant', 'id', 'state', 'version', 'created'];

/** The columns of each table, in the order of its rows. */
export const TABLES = {
  recording: [
    ...VERSIONED,
    ...['depositor', 'described', 'natural', 'started_at', 'duration_ms', 'direction', 'channels', 'language'],
    ...['sensitivity', 'retain_until', 'queue', 'quarantine', 'facts'],
    ...['source', 'listed_at', 'expected_ms', 'listed', 'differs', 'audio_due', 'missing_at', 'delay_s'],
  ],
  blind_index: ['tenant', 'recording', 'label', 'value', 'started_at'],
  deposit: [
    ...VERSIONED,
    ...['recording', 'object', 'op', 'principal', 'upload_id', 'lease_owner', 'lease_until', 'envelope', 'digest'],
    'verified_at',
  ],
  object: ['tenant', 'id', 'deposit', 'name', 'type', 'size', 'sealed', 'parts', 'heads'],
  part: ['tenant', 'deposit', 'number', 'size', 'receipt', 'header'],
  wrapped_key: ['tenant', 'deposit', 'scheme', 'key_id', 'wrap', 'wrapped', 'envelope_wrap'],
  access_request: [
    ...VERSIONED,
    ...['recording', 'requester', 'purpose', 'objects', 'minutes', 'expires', 'approvals_needed', 'policy', 'words'],
    'mac',
  ],
  decision: ['tenant', 'request', 'approver', 'decision', 'at', 'words', 'minutes', 'objects', 'mac'],
  access_grant: [
    ...['tenant', 'id', 'request', 'recording', 'person', 'purpose', 'objects', 'state', 'version', 'approved'],
    ...['expires', 'uses', 'uses_left', 'revoked_at', 'revoked_by', 'revoked_words', 'mac'],
    ...['opens_until', 'batch', 'done'],
  ],
  batch: [...VERSIONED, ...['maker', 'purpose', 'objects', 'due', 'policy', 'proof', 'words', 'closed', 'mac']],
  session: [
    ...['tenant', 'id', 'grant', 'recording', 'principal', 'state', 'version', 'opened', 'ends', 'ended', 'reason'],
    ...['ranges', 'bytes', 'heard', 'sign_in', 'mac'],
  ],
  sign_in: [
    ...['tenant', 'id', 'principal', 'state', 'created', 'method', 'seen', 'idle_ends', 'ends', 'auth_time'],
    ...['auth_method', 'ended', 'reason', 'version', 'hash', 'mac'],
  ],
  idempotency: ['tenant', 'principal', 'route', 'key', 'owner', 'body', 'until', 'outcome', 'ids', 'seq'],
  audit_event: ['log', 'seq', 'id', 'leaf', 'hash'],
  audit_subject: ['log', 'recording', 'seq'],
  audit_detail: ['log', 'seq', 'salt', 'sealed', 'recording'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type SeededTable = keyof typeof TABLES;

/** Rows to write, by table. */
export type Batch = { readonly [table in SeededTable]: Row[] };

export function emptyBatch(): Batch {
  return Object.fromEntries(Object.keys(TABLES).map((table) => [table, []])) as unknown as Batch;
}
