// A call of the key service, as AWS CloudTrail records it.

/** The contexts of callvault's keys have this prefix. */
const PREFIX = 'vault:';

/** The encryption context of a call. */
export type CallContext = Readonly<Record<string, string>>;

/** A successful call with a context of callvault. */
export type KmsCall = {
  /** The id of the record: the same record may be in several files. */
  readonly id: string;
  /** In milliseconds since 1970; CloudTrail has seconds. */
  readonly at: number;
  /** The operation, such as `Decrypt`. */
  readonly name: string;
  /** The ARN of the role, or of the user or root who called without one; empty where the record has none. */
  readonly caller: string;
  /** Of a ReEncrypt: that of its source. */
  readonly context: CallContext;
  /** Of a ReEncrypt only: the context and the key that it moves to. */
  readonly destination: CallContext | null;
  readonly to: string | null;
};

type Json = Readonly<Record<string, unknown>>;

/** When a record was made, in milliseconds since 1970; null where it does not say so. */
export function recordTime(record: unknown): number | null {
  const at = Date.parse(textOf(member(record, 'eventTime')));
  return Number.isNaN(at) ? null : at;
}

/** The call of a record; null of one that failed, is not of AWS KMS, or has no context of callvault. */
export function readKmsCall(record: unknown): KmsCall | null {
  const at = recordTime(record);
  if (member(record, 'eventSource') !== 'kms.amazonaws.com' || at === null) return null;
  if ((member(record, 'errorCode') ?? null) !== null) return null;
  const asked = member(record, 'requestParameters');
  const name = textOf(member(record, 'eventName'));
  const isMove = name === 'ReEncrypt';
  const context = contextOf(member(asked, isMove ? 'sourceEncryptionContext' : 'encryptionContext'));
  const destination = isMove ? contextOf(member(asked, 'destinationEncryptionContext')) : null;
  if (!isOurs(context) && !isOurs(destination ?? {})) return null;
  const to = isMove ? textOf(member(asked, 'destinationKeyId')) : null;
  const [id, caller] = [textOf(member(record, 'eventID')), callerOf(member(record, 'userIdentity'))];
  return { id, at, name, caller, context, destination, to };
}

function contextOf(value: unknown): CallContext {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, textOf(one)]));
}

function isOurs(context: CallContext): boolean {
  return Object.keys(context).some((name) => name.startsWith(PREFIX));
}

/** Each session of a role has another ARN; its issuer is the role. */
function callerOf(identity: unknown): string {
  const issuer = member(member(member(identity, 'sessionContext'), 'sessionIssuer'), 'arn');
  return textOf(issuer ?? member(identity, 'arn'));
}

/** Files are from outside: what is no text counts as none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Json)[name] : undefined;
}
