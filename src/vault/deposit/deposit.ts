// Putting in one object: claimed, sealed part by part, committed, finished, and only then acknowledged.
import { newId } from '../../bytes/ids.ts';
import { openColumn } from '../../envelope/column.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { isObjectName } from '../../envelope/object.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { Deposit } from '../../model/recording.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import { actorOf } from '../log/events.ts';
import type { Request } from '../request.ts';
import { keyedTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';
import { beginAbort, finishAbort, sweepStore } from './abort.ts';
import { type Body, type BodyFacts, peek, type WatchedBody, watch } from './body.ts';
import { type Aim, checkDepositor, claim, findStanding, type Standing } from './claim.ts';
import { finishDeposit } from './finish.ts';
import { holding } from './lease.ts';
import { settleDeposit } from './settle.ts';
import { type MadeKey, uploadBody } from './upload-body.ts';

type Parts = Omit<Vault, 'sessionKeys'>;

/** What is put in. `type` is its media type without parameters; transcripts are checked by whoever calls. */
export type NewObject = { readonly aim: Aim; readonly name: string; readonly type: string; readonly body: Body };

/** What an uploader is told. `created` is false for the same bytes again. */
export type Deposited = {
  readonly recording: string;
  readonly deposit: string;
  readonly object: string;
  readonly size: number;
  readonly sha256: string;
  readonly created: boolean;
  readonly receipt: Receipt | undefined;
};

/** A deposit that was COMMITTING is brought to its end by this, whatever the uploader does. */
const FINISH_MS = 120_000;

/**
 * Deposits one object. When it returns, the blob reads back authentic, the envelope is written, the row is AVAILABLE
 * and the log says so. Throws in the caller's terms and leaves nothing behind; `upload_in_progress` while another try
 * is live; `call_differs` for other bytes; 503-like errors where the outcome is not known yet.
 */
export async function deposit(vault: Parts, by: Caller, what: NewObject, request: Request): Promise<Deposited> {
  if (!isObjectName(what.name)) throw new VaultError('malformed', 'not a name that an object can have');
  const { head, bytes, close } = await peek(what.body);
  try {
    const probe = what.name === 'audio' ? vault.probes.begin(what.type, head) : null;
    const body = watch(what.body, bytes, probe, vault.settings.maxBytes);
    return await depositBody(vault, by, what, body, request);
  } finally {
    // Whatever was refused before the body was read on must not be left waiting for its reader.
    await close();
  }
}

async function depositBody(
  vault: Parts,
  by: Caller,
  what: NewObject,
  body: WatchedBody,
  request: Request,
): Promise<Deposited> {
  const { tenant, metadataKey } = await keyedTenant(vault, by.tenant, request);
  const find = () =>
    vault.db.read((rows) => findStanding(rows, tenant.tenant, what.aim, metadataKey, what.name), request);
  let standing = await find();
  checkDepositor(standing, by, what.aim);
  if (standing.underway !== null) {
    // A live try keeps its lease; a dead one is given up if it was UPLOADING, and finished if it was COMMITTING.
    if (!(await settleDeposit(vault, standing.underway, request))) {
      throw new VaultError('upload_in_progress', 'this object is being deposited', { retryAfter: 5 });
    }
    standing = await find();
  }
  if (standing.available !== null) return compare(vault, tenant, standing, body, request);
  return create(vault, by, tenant, what, standing, body, request);
}

/** The object is there: the same bytes are the same deposit, other bytes are refused. */
async function compare(
  vault: Parts,
  tenant: Tenant,
  standing: Standing,
  body: WatchedBody,
  request: Request,
): Promise<Deposited> {
  for await (const _piece of body.bytes) request.signal.throwIfAborted();
  const { sha256, size } = await body.finish();
  const { recording, available } = standing;
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

async function create(
  vault: Parts,
  by: Caller,
  tenant: Tenant,
  what: NewObject,
  standing: Standing,
  body: WatchedBody,
  request: Request,
): Promise<Deposited> {
  const recording = standing.recording?.id ?? newId('rec');
  const id = newId('dep');
  const context = keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit: id, wrap: tenant.wrap });
  const key = keyOf(tenant);
  const made = await vault.keys.generateDataKey(key, context, request);
  const { dataKey } = made;
  try {
    const wrapped = { scheme: key.scheme, id: made.id, wrap: tenant.wrap, wrapped: made.wrapped };
    const naming = { recording, deposit: id, object: what.name, key: wrapped };
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    const row = await claim(vault, by, what.aim, metadataKey, naming, request);
    return await holding(vault, row, request.signal, (signal) =>
      carry(vault, by, tenant, what, row, { ...wrapped, dataKey }, body, { ...request, signal }),
    );
  } finally {
    dataKey.zero();
  }
}

/** From the claim to the end: what fails before COMMITTING is given up, what fails after it is finished later. */
async function carry(
  vault: Parts,
  by: Caller,
  tenant: Tenant,
  what: NewObject,
  row: Deposit,
  key: MadeKey,
  body: WatchedBody,
  request: Request,
): Promise<Deposited> {
  // A deadline of its own, from the moment it is needed: the body may take hours.
  const own = (): Request => ({ ...request, signal: vault.clock.deadline(FINISH_MS) });
  let committed: { readonly row: Deposit; readonly facts: BodyFacts };
  try {
    committed = await uploadBody(vault, by, tenant, what.type, row, key, body, request);
  } catch (error) {
    await giveUp(vault, by, tenant, row, error, own());
    throw error;
  }
  try {
    const receipt = await finishDeposit(vault, actorOf(by), tenant, committed.row, key.dataKey, own());
    const { size, sha256 } = committed.facts;
    const told = {
      recording: row.recording,
      deposit: row.id,
      object: row.object,
      size,
      sha256: sha256.toString('hex'),
    };
    return { ...told, created: true, receipt };
  } catch (error) {
    if (hasCode(error, 'integrity', 'blob_missing')) await giveUp(vault, by, tenant, committed.row, error, own());
    throw unknownYet(error);
  }
}

/** Nothing is spooled and nothing is claimed: what the outcome is, settling decides. */
function unknownYet(error: unknown): VaultError {
  if (hasCode(error, 'integrity', 'blob_missing')) {
    return new VaultError('store_unavailable', 'what was stored did not read back', { cause: error, retryAfter: 5 });
  }
  if (error instanceof VaultError) return error;
  return new VaultError('store_unavailable', 'the deposit is not finished yet', { cause: error, retryAfter: 5 });
}

async function giveUp(
  vault: Parts,
  by: Caller,
  tenant: Tenant,
  row: Deposit,
  error: unknown,
  request: Request,
): Promise<void> {
  const why = error instanceof VaultError ? error.code : 'failed';
  try {
    const now = await vault.db.read((rows) => rows.deposits.find(row.tenant, row.id), request);
    if (now?.state === 'ABORTING' || now?.state === 'ABORTED') {
      // Somebody else gave it up while this try was still writing: what came late is deleted here.
      await sweepStore(vault, tenant, row, request);
      return;
    }
    await finishAbort(vault, tenant, await beginAbort(vault, actorOf(by), row, why, request), request);
  } catch {
    // The caller hears of the first error; settling does again what could not be done now.
  }
}
