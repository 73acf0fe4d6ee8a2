// Depositing a sealed file: opened with its ingest key while it arrives, and deposited as if its content had been sent.
import { createHash } from 'node:crypto';
import { equalBytes } from '../../bytes/digest.ts';
import { type ByteCursor, byteCursor } from '../../envelope/byte-cursor.ts';
import {
  MAX_SEALED_HEADER,
  type OpenedSealedFile,
  openSealedHeader,
  readSealedHeader,
  type SealedFileHeader,
} from '../../envelope/sealed-file.ts';
import { MAX_OBJECT, sealedObjectSize } from '../../envelope/sizes.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import type { Metadata } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import { TRANSCRIPT_TYPES } from '../../model/transcript-types.ts';
import type { OpenIngestKey } from '../core/keys-in-memory/ingest-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { deposit } from './deposit.ts';
import type { DepositResult } from './deposit-types.ts';
import { describeRecording } from './describe.ts';
import { depositTranscript } from './transcript.ts';
import type { UploadBody } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** The media type of content whose bytes decide its type. */
const ANY_TYPE = 'application/octet-stream';

/** How long a sender waits before it tries again with a key that the tenant does not have, or not yet. */
const UNKNOWN_KEY_SECONDS = 300;

/** A sealed file as it was sent: the id of its address, and its bytes. `metadataOf` reads the facts in it. */
export type IncomingSealedFile = {
  readonly id: string;
  readonly body: UploadBody;
  readonly metadataOf: (facts: JsonObject) => Metadata;
};

/**
 * Deposits the object in a sealed file. Throws `ingest_key_unknown` for a key that the tenant does not have,
 * `sealed_file_invalid` for a file that is damaged, was sealed for something else or has an unknown format, `malformed`
 * for no sealed file, and as `deposit` for its content.
 */
export async function depositSealedFile(
  vault: Deps,
  by: Caller,
  what: IncomingSealedFile,
  request: RequestContext,
): Promise<DepositResult> {
  const hash = createHash('sha256');
  const { bytes: sent, sha256 } = what.body;
  const cursor = byteCursor(sha256 === null ? sent : hashed(sent, hash));
  let open: OpenedSealedFile | null = null;
  try {
    const header = await readSealedHeader(cursor).catch((error: unknown) => {
      throw asInvalid(error);
    });
    if (header.id !== what.id) throw new VaultError('malformed', 'the address has another id than the sealed file');
    const { tenant } = await activeTenantAndKey(vault, by.tenant, request);
    const { seed, lastFileAt } = await ingestKeyOf(vault, tenant, header, request);
    open = await openSealedHeader(seed, header).catch((error: unknown) => {
      throw asInvalid(error);
    });
    requireLength(what.body, open);
    const metadata = what.metadataOf(open.meta.facts as JsonObject);
    const body: UploadBody = {
      bytes: contentOf(open, cursor, what.body, hash),
      length: open.meta.size,
      sha256: Buffer.from(open.meta.sha256, 'hex'),
      whole: what.body.whole,
    };
    const stored = await depositContent(vault, by, { metadata, body, ...open.meta }, request).catch(
      (error: unknown) => {
        throw withCall(error, metadata);
      },
    );
    await noteArrival(vault, header, lastFileAt, request);
    return stored;
  } finally {
    open?.end();
    await cursor.close();
  }
}

/** The size in bytes of the longest sealed file for content of this size. */
export function sealedLength(size: number): number {
  return 4 + MAX_SEALED_HEADER + sealedObjectSize(Math.min(size, MAX_OBJECT));
}

async function ingestKeyOf(
  vault: Deps,
  tenant: Tenant,
  header: SealedFileHeader,
  request: RequestContext,
): Promise<OpenIngestKey> {
  if (header.tenant !== tenant.tenant) throw unknownKey();
  return vault.ingestKeys.open(tenant, header.key, request).catch((error: unknown) => {
    throw hasCode(error, 'ingest_key_unknown') ? unknownKey() : error;
  });
}

/** A file of another tenant looks like one that is sealed to a key which never was. */
function unknownKey(): VaultError {
  return new VaultError('ingest_key_unknown', 'the file is sealed to a key that the tenant does not have', {
    retryAfter: UNKNOWN_KEY_SECONDS,
  });
}

function requireLength({ length }: UploadBody, open: OpenedSealedFile): void {
  if (length !== null && length !== open.length) {
    throw new VaultError('sealed_file_invalid', 'the sealed file has another length than its content');
  }
}

type Content = Pick<OpenedSealedFile['meta'], 'object' | 'type'> & {
  readonly metadata: Metadata;
  readonly body: UploadBody;
};

async function depositContent(
  vault: Deps,
  by: Caller,
  { object, type, metadata, body }: Content,
  request: RequestContext,
): Promise<DepositResult> {
  const accepts = object === 'audio' ? vault.probes.types : TRANSCRIPT_TYPES;
  const declared = type === ANY_TYPE ? null : (type.split(';')[0]?.trim().toLowerCase() ?? '');
  if (declared !== null && !accepts.includes(declared)) {
    throw new VaultError('media_type_unsupported', 'this media type is not accepted', { accepts });
  }
  if (object === 'audio') {
    return deposit(vault, by, { target: { metadata }, name: object, type: declared, body }, request);
  }
  const { recording } = await describeRecording(vault, by, metadata, request);
  const language = object.slice('transcript/'.length);
  return depositTranscript(vault, by, { recording, language, type: declared, body }, request);
}

/** The content while it is opened. What is not authentic is a fault of the sender's file, not of the store. */
async function* contentOf(
  open: OpenedSealedFile,
  cursor: ByteCursor,
  sent: UploadBody,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunks of open.parts(cursor)) yield* chunks;
  } catch (error) {
    // A connection that ended early also leaves a file that is not authentic; one on which more arrives did not end.
    if (hasCode(error, 'integrity') && (await cursor.atEnd()) && !sent.whole())
      throw new VaultError('body_cut', 'the body ended before its end');
    throw asInvalid(error);
  }
  if (sent.sha256 !== null && !equalBytes(hash.digest(), sent.sha256)) {
    throw new VaultError('digest_mismatch', 'the body does not match the digest in Content-Digest');
  }
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    hash.update(piece);
    yield piece;
  }
}

/** Faults of what was sent: as errors of reading the store they would be the vault's. */
function asInvalid(error: unknown): unknown {
  if (!hasCode(error, 'integrity', 'format_unknown')) return error;
  return new VaultError('sealed_file_invalid', 'the sealed file is damaged or of an unknown format', { cause: error });
}

/** Its sender deleted the call that it sealed, and asks a person what becomes of a rejected one. */
function withCall(error: unknown, { source, callId }: Metadata): unknown {
  if (error instanceof VaultError) error.call = { source, call_id: callId };
  return error;
}

/** How old the noted arrival of a key's last file may be: its retirement counts days. */
const NOTED_MS = 3_600_000;

/** Notes that the key is in use. `before`: the arrival that its row had when the file was opened. */
async function noteArrival(
  { db, clock }: Deps,
  { tenant, key }: SealedFileHeader,
  before: string | null,
  request: RequestContext,
): Promise<void> {
  const now = clock.now();
  if (before !== null && now - Date.parse(before) < NOTED_MS) return;
  const at = new Date(now).toISOString();
  await db.note(({ ingestKeys }) => ingestKeys.fileArrived(tenant, key, at), request);
}
