// Putting in one object: what stands there already is compared, or finished first; else it is a new deposit.
import { openColumn } from '../../envelope/column.ts';
import { isObjectName } from '../../envelope/object.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { checkDepositor, type ExistingDeposits, findExisting } from './claim.ts';
import { createDeposit } from './create.ts';
import type { DepositResult, DepositTarget, IncomingDeposit } from './deposit-types.ts';
import { recoverDeposit } from './recover-stale.ts';
import { peek, type UploadBody, watchBody } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/**
 * What is put in. `type` is the media type it is declared to be, without parameters, null where it is audio and nothing is
 * declared (`curl -T`, most telephony); transcripts are checked by whoever calls.
 */
export type DepositInput = {
  readonly target: DepositTarget;
  readonly name: string;
  readonly type: string | null;
  readonly body: UploadBody;
};

/**
 * Deposits one object. When it returns, the blob reads back authentic, the envelope is written, the row is AVAILABLE
 * and the log says so. Throws in the caller's terms and leaves nothing behind; `upload_in_progress` while another try
 * is live; `call_differs` for other bytes; 503-like errors where the outcome is not known yet.
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
    const body = watchBody(what.body, bytes, probe, vault.settings.maxBytes);
    const { tenant, metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
    // What is stored and served is what the bytes show, in its one spelling.
    const type = probe?.type ?? what.type;
    if (type === null) throw new VaultError('internal', 'an object without a type');
    return await depositBody(vault, { ...what, type, by, tenant, body }, metadataKey, request);
  } finally {
    probe?.close();
    // Whatever was refused before the body was read on must not be left waiting for its reader.
    await close();
  }
}

async function depositBody(
  vault: Deps,
  one: IncomingDeposit,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<DepositResult> {
  const find = () => vault.db.read((rows) => findExisting(rows, one, metadataKey), request);
  let standing = await find();
  checkDepositor(standing, one);
  if (standing.underway !== null) {
    // A live try keeps its lease; a dead one is given up if it was UPLOADING, and finished if it was COMMITTING.
    // A process of role ingest may open no object: it leaves that to one that does the work.
    const settled = vault.settings.role !== 'ingest' && (await recoverDeposit(vault, standing.underway, request));
    if (!settled) {
      throw new VaultError('upload_in_progress', 'this object is being deposited', { retryAfter: 5 });
    }
    standing = await find();
  }
  if (standing.available !== null) return compare(vault, one, standing, request);
  return createDeposit(vault, one, standing.recording, request);
}

/** The object is there: the same bytes are the same deposit, other bytes are refused. */
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
  if (!stored.equals(sha256)) throw new VaultError('call_differs', 'this call is deposited already, with other bytes');
  const told = { recording: recording.id, deposit: available.id, object: available.object };
  return { ...told, size, sha256: sha256.toString('hex'), created: false, receipt: undefined };
}
