// Depositing one object: an existing deposit is compared, or recovered first; otherwise a new one is made.
import { openColumn } from '../../envelope/column.ts';
import { isObjectName } from '../../envelope/object.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireOwnSource } from '../core/sources/source-binding.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { checkDepositor, type ExistingDeposits, findExisting } from './claim.ts';
import { createDeposit } from './create.ts';
import type { DepositResult, DepositTarget, IncomingDeposit } from './deposit-types.ts';
import { recoverDeposit } from './recover-stale.ts';
import { PROBE_BYTES, peek, type UploadBody, watchBody } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/**
 * The upload of one object. `type` is the declared media type without parameters, null for audio without one (`curl
 * -T`, most telephony); callers check transcripts.
 */
export type DepositInput = {
  readonly target: DepositTarget;
  readonly name: string;
  readonly type: string | null;
  readonly body: UploadBody;
};

/**
 * Deposits one object. When it returns, the blob reads back authentic, the envelope is written, the row is AVAILABLE
 * and the log has the event. Throws in the caller's terms and leaves nothing behind: `upload_in_progress` while another
 * upload holds the lease; `source_taken` for a source of another service; `audio_empty` for a header without sound; `call_differs` for other bytes; errors with status 503 where the outcome is not known yet.
 */
export async function deposit(
  vault: Deps,
  by: Caller,
  what: DepositInput,
  request: RequestContext,
): Promise<DepositResult> {
  if (!isObjectName(what.name)) throw new VaultError('malformed', 'not a name that an object can have');
  const { head, bytes, close } = await peek(what.body);
  let probe: ReturnType<Vault['probes']['begin']> | null = null;
  try {
    probe = what.name === 'audio' ? vault.probes.begin(what.type, head) : null;
    const isWhole = head.length < PROBE_BYTES && what.body.whole();
    if (isWhole && (probe?.soundAt ?? 0) >= head.length)
      throw new VaultError('audio_empty', 'the audio is a header without sound');
    const body = watchBody(what.body, bytes, probe, vault.settings.maxBytes);
    const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
    // The bytes decide the stored and served type, in its canonical spelling.
    const type = probe?.type ?? what.type;
    if (type === null) throw new VaultError('internal', 'an object without a type');
    return await depositBody(vault, { ...what, type, by, tenant, body }, metadataKey, request);
  } finally {
    probe?.close();
    // A rejected body must be closed, or its sender waits for a reader.
    await close();
  }
}

async function depositBody(
  vault: Deps,
  one: IncomingDeposit,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<DepositResult> {
  const find = () =>
    vault.db.read(async (rows) => {
      const { target, tenant, by } = one;
      // Sent together. Of another service's source, a call that exists is rejected as one that does not.
      const [found] = await Promise.all([
        findExisting(rows, one, metadataKey),
        'metadata' in target
          ? requireOwnSource(rows, tenant, by, target.metadata.source, vault.boundSources)
          : undefined,
      ]);
      return found;
    }, request);
  let standing = await find();
  checkDepositor(standing, one);
  if (standing.underway !== null) {
    // The owner of a lease renews it. Once it expired, a deposit in UPLOADING is aborted and one in COMMITTING is
    // finished. A process of role ingest may open no object: it leaves this to a process of role work.
    const settled = vault.settings.role !== 'ingest' && (await recoverDeposit(vault, standing.underway, request));
    if (!settled) {
      throw new VaultError('upload_in_progress', 'this object is being deposited', { retryAfter: 5 });
    }
    standing = await find();
  }
  if (standing.available !== null) return compare(vault, one, standing, request);
  return createDeposit(vault, one, standing.recording, request);
}

/** Compares with an AVAILABLE deposit: the same bytes are the same deposit, other bytes are rejected. */
async function compare(
  vault: Deps,
  { tenant, body }: IncomingDeposit,
  { recording, available }: ExistingDeposits,
  request: RequestContext,
): Promise<DepositResult> {
  body.withoutProbe();
  for await (const _piece of body.bytes) request.signal.throwIfAborted();
  const { sha256, size } = await body.finish();
  if (recording === null || available === null || available.digest === null)
    throw new VaultError('internal', 'nothing to compare');
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const stored = openColumn(
    metadataKey,
    { tenant: tenant.tenant, row: available.id, column: 'digest' },
    available.digest,
  );
  if (!stored.equals(sha256)) throw new VaultError('call_differs', 'this call was deposited before, with other bytes');
  const told = { recording: recording.id, deposit: available.id, object: available.object };
  return { ...told, size, sha256: sha256.toString('hex'), created: false, receipt: undefined };
}
