// The one error class of callvault and its closed union of codes; http/problems.ts maps codes to HTTP.

/** Error codes, in the caller's terms. */
export type ErrorCode =
  // the caller's input
  | 'malformed'
  | 'method_not_allowed'
  | 'metadata_invalid'
  | 'transcript_invalid'
  | 'sealed_file_invalid'
  | 'media_type_unsupported'
  | 'media_type_mismatch'
  | 'body_empty'
  | 'audio_empty'
  | 'body_cut'
  | 'body_too_large'
  | 'body_too_slow'
  | 'digest_mismatch'
  | 'range_not_satisfiable'
  // who the caller is and what they may do
  | 'unauthenticated'
  | 'sign_in_refused'
  | 'step_up_required'
  | 'cross_site'
  | 'forbidden'
  | 'not_found'
  | 'access_refused'
  | 'change_refused'
  | 'session_ended'
  | 'too_many_streams'
  | 'too_fast'
  | 'too_many_searches'
  | 'too_many_requests'
  // the state of things
  | 'conflict'
  | 'not_sealed'
  | 'precondition_required'
  | 'precondition_failed'
  | 'call_differs'
  | 'call_key_taken'
  | 'source_taken'
  | 'lists_of_another'
  | 'ingest_key_unknown'
  | 'upload_in_progress'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'not_available'
  | 'signer_differs'
  | 'erased'
  | 'retained'
  | 'held'
  | 'restricted'
  | 'hold_being_placed'
  // integrity and keys
  | 'integrity'
  | 'key_zeroed'
  | 'key_refused'
  | 'format_unknown'
  | 'blob_exists'
  | 'blob_missing'
  // dependencies of the vault
  | 'audit_unavailable'
  | 'clock_differs'
  | 'clock_right'
  | 'database_busy'
  | 'database_unavailable'
  | 'store_unavailable'
  | 'key_service_unavailable'
  | 'config_invalid'
  | 'internal';

/** An invalid field: a JSON pointer or a header name, and why. Never contains the value. */
export type FieldError = { readonly pointer: string; readonly detail: string };

/** The log's database has fewer events than were published, or others. */
type LogDifference = 'behind' | 'fork';

export type ErrorOptions = {
  readonly cause?: unknown;
  readonly fields?: readonly FieldError[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** Whether the service works and limits the rate: the caller must slow down. */
  readonly throttled?: boolean;
  /** The accepted media types. */
  readonly accepts?: readonly string[];
  /** The name of the format that a body's content shows, beside `accepts`. */
  readonly found?: string | null;
  /** Names of the accepted formats, where the content of a body has to decide. */
  readonly formats?: readonly string[];
  /** The ordered checks of a denied decision; this class does not interpret them. */
  readonly checks?: readonly object[];
  /** The unauthentic row that would grant access. */
  readonly forged?: ForgedRow;
  /** How the log differs from what was published of it, where it takes no event for that. */
  readonly held?: LogDifference;
};

/** A row by table and id, as it claims itself: not authenticated. `unsealed`: it has no MAC, like rows of older versions. */
export type ForgedRow = {
  readonly tenant: string;
  readonly table: string;
  readonly id: string;
  readonly unsealed: boolean;
};

/** Why a credential was denied, for the log of the process: the caller learns only that it was. */
type Denial = 'row_unsealed' | 'row_forged';

/** A call by its platform's names for it. */
export type NamedCall = { readonly source: string; readonly call_id: string };

/** Every error that callvault throws deliberately. The message is for people; it contains no personal data and no key. */
export class VaultError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  readonly retryAfter: number | undefined;
  readonly throttled: boolean;
  readonly accepts: readonly string[];
  readonly found: string | null;
  readonly formats: readonly string[];
  readonly checks: readonly object[] | undefined;
  readonly forged: ForgedRow | undefined;
  readonly held: LogDifference | undefined;
  /** Set where the denial is thrown. */
  denial: Denial | undefined;
  /** The call in a sealed file that is rejected: its sender no longer has it in clear. */
  call: NamedCall | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'VaultError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfter = options.retryAfter;
    this.throttled = options.throttled ?? false;
    this.accepts = options.accepts ?? [];
    this.found = options.found ?? null;
    this.formats = options.formats ?? [];
    this.checks = options.checks;
    this.forged = options.forged;
    this.held = options.held;
  }
}

/** Whether `error` is a VaultError with one of the given codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is VaultError {
  return error instanceof VaultError && codes.includes(error.code);
}
