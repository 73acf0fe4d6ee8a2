// The event catalogue: keys, tenants, policies, operators' commands, reading the log.
import type { EventSpec } from './event-spec.ts';
import { ENTRY } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

/** What verifying a tenant can find: `vault.verified` counts each kind. */
export const VERIFY_FINDINGS = [
  ...(['blob_missing', 'blob_size', 'blob_damaged', 'blob_swapped', 'blob_behind', 'blob_unknown'] as const),
  ...(['envelope_missing', 'envelope_damaged', 'envelope_swapped', 'envelope_differs'] as const),
  ...(['envelope_behind', 'envelope_unknown', 'row_behind', 'row_incomplete', 'key_refused'] as const),
  ...(['tenant_blob_missing', 'tenant_blob_damaged', 'tenant_blob_swapped', 'tenant_blob_differs'] as const),
  ...(['tenant_blob_behind', 'tenant_row_behind', 'tenant_key_refused'] as const),
  ...(['tenant_kek_missing', 'tenant_kek_damaged', 'tenant_kek_differs'] as const),
  ...(['ingest_key_missing', 'ingest_key_damaged', 'ingest_key_differs', 'ingest_key_behind'] as const),
  ...(['ingest_key_unknown', 'ingest_key_forged'] as const),
  ...(['amendment_missing', 'amendment_damaged', 'amendment_forked', 'amendment_unknown'] as const),
  ...(['amendment_without_row', 'amendment_behind', 'amendment_differs'] as const),
  ...(['facts_differ', 'comment_differs', 'settings_differ', 'hold_differs', 'not_erased', 'log_damaged'] as const),
  ...(['row_differs', 'detail_missing', 'lifetime_differs', 'mark_differs'] as const),
  ...(['tombstone_missing', 'tombstone_damaged', 'tombstone_differs'] as const),
] as const;
export type VerifyFinding = (typeof VERIFY_FINDINGS)[number];

const COUNTS = Object.fromEntries(VERIFY_FINDINGS.map((kind) => [`${kind}?`, 'number'])) as {
  readonly [Kind in VerifyFinding as `${Kind}?`]: 'number';
};

/** What a key is used for where no listener asked for it. */
export const KEY_USES = [
  ...(['metadata', 'kek', 'ingest', 'doctor', 'settle', 'reencrypt', 'rebuild', 'sample'] as const),
  ...(['sweep', 'tombstones', 'replay', 'verify', 'watch', 'expire'] as const),
] as const;
export type KeyUse = (typeof KEY_USES)[number];

/** The tables whose rows give access. */
const TABLES = [
  ...(['principal', 'api_key', 'sign_in', 'sign_in_link', 'passkey'] as const),
  ...(['policy', 'access_request', 'decision', 'access_grant', 'session', 'change'] as const),
  ...(['team', 'team_member', 'team_queue', 'batch', 'retention'] as const),
] as const;

/** Of a backup: the time of its newest event, of the newest one since and of the newest blob, and how far it is behind. */
const RECOVERY = { backup: 'time', last_event: 'time', 'newest_blob?': 'time', rpo: 'seconds' } as const;

export const KEY_EVENTS = {
  'key.read': { log: 'deployment', subject: 'keys', counted: 300 },
  'key.used': {
    log: 'tenant',
    subject: 'key',
    members: { why: KEY_USES, 'recording?': 'id', 'deposit?': 'id' },
    counted: 3600,
  },
  'key.rotated': {
    log: 'both',
    subject: 'key',
    members: {
      how: ['material', 'new-key', 'given-key', 'raise', 'volume-on', 'volume-off'],
      ...({ wrap: 'number', key: 'name', 'from?': 'name' } as const),
      ...BY_CHANGE,
    },
  },
  // `restored`: a row from a backup got the newer wrapped key of its blob; no key was wrapped.
  'key.rewrapped': {
    log: 'tenant',
    subject: 'key',
    members: {
      ...({ run: 'id', count: 'number', from: 'number', wrap: 'number' } as const),
      how: ['inside', 'lent', 'restored'],
      ...({ 'use?': ['metadata', 'ingest'], 'deposits?': 'sha256' } as const),
    },
  },
  'key.reported': {
    log: 'tenant',
    subject: 'key',
    members: { run: 'id', wrap: 'number', count: 'number', complete: 'number', report: 'sha256' },
  },
  'key.retired': { log: 'both', subject: 'key', members: { from: 'number', wrap: 'number', ...BY_CHANGE } },
  // A tenant's key pair for sealed files. `public`: its 32 bytes (X25519). `replaces`: the key that was current before.
  'ingest_key.created': {
    log: 'tenant',
    subject: 'ingest_key',
    members: { how: ['new', 'rotated', 'restored'], public: 'base64', 'replaces?': 'id' },
  },
  'ingest_key.retired': { log: 'tenant', subject: 'ingest_key', members: { 'last_file?': 'time' } },
  'authority.refused': { log: 'own', subject: TABLES, counted: 60 },
  'authority.adopted': { log: 'tenant', subject: 'tenant', members: { rows: 'number', sha256: 'sha256' } },
  'tenant.creating': { log: 'deployment', subject: 'tenant' },
  'tenant.keyed': { log: 'deployment', subject: 'tenant', members: { policy: 'id' } },
  'tenant.created': {
    log: 'both',
    subject: 'tenant',
    // The first version of the policy, and the SHA-256 of its body as canonical JSON.
    members: { admin: 'id', 'approver_#?': 'id', policy: 'id', sha256: 'sha256', 'authority?': 'number' },
  },
  'tenant.suspended': { log: 'both', subject: 'tenant' },
  'tenant.resumed': { log: 'both', subject: 'tenant' },
  'tenant.rebuilt': {
    log: 'both',
    subject: 'tenant',
    members: { policy: 'id', sha256: 'sha256', wrap: 'number', minimum_wrap: 'number', authority: 'number' },
  },
  'policy.changed': {
    log: 'tenant',
    subject: 'policy',
    // The SHA-256 of its body, as canonical JSON; the entry of the tenant's stream, unless a replay applied an older one.
    members: {
      ...{ from: 'id', sha256: 'sha256', 'api_key_decisions?': ['on', 'off'] as const },
      ...{ 'approver_age_hours?': 'number', ...BY_CHANGE, ...ENTRY },
    },
  },
  'vault.verified': {
    log: 'tenant',
    subject: 'tenant',
    members: {
      ...({ deposits: 'number', opened: 'number', not_checked: 'number' } as const),
      ...({ quarantined: 'number', released: 'number', findings: 'number', ...COUNTS } as const),
    },
  },
  'vault.swept': {
    log: 'tenant',
    subject: 'tenant',
    members: { blobs: 'number', envelopes: 'number', 'entries?': 'number', bytes: 'number' },
  },
  // A run began. `sha256`: of the keys that the operator trusts and what they say of the tenant, as canonical JSON.
  'vault.rebuilding': { log: 'deployment', subject: 'tenant', members: { sha256: 'sha256', ...BY_CHANGE } },
  'vault.rebuilt': {
    log: 'tenant',
    subject: 'tenant',
    // `ids` are those of the deposits; with `erased` those of the erased recordings; with `entries` their digests.
    members: {
      ...({ wrap: 'number', recordings: 'number', deposits: 'number', 'erased?': 'number' } as const),
      ...({ 'entries?': 'number', ids: 'sha256' } as const),
    },
  },
  // An operator put back a database whose newest event is of `backup`: what follows brings it up to the store.
  'vault.restoring': { log: 'deployment', subject: 'deployment', members: { backup: 'time' } },
  // It is up to the store. `rpo`: from `backup` to the last event or the newest blob, whichever is later.
  'vault.restored': {
    log: 'both',
    subject: 'tenant',
    members: { ...RECOVERY, erased: 'number', entries: 'number', without_rows: 'number', problems: 'number' },
  },
  // A copy of the database was brought up to the store, which stayed as it was. `rto`: how long that took.
  'vault.drilled': {
    log: 'both',
    subject: 'tenant',
    members: { ...RECOVERY, rto: 'seconds', opened: 'number', unwraps: 'number', problems: 'number' },
  },
  'doctor.ran': { log: 'deployment', subject: 'deployment' },
  'exposure.read': {
    log: 'tenant',
    subject: ['person', 'api-key', 'key', 'node'],
    members: { since: 'time', until: 'time' },
  },
} as const satisfies Record<string, EventSpec>;
