// A new deposit: claimed, sealed part by part, committed, finished, and only then acknowledged.
import { newId } from '../../bytes/ids.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Recording } from '../../model/recording.ts';
import { makeDataKey } from '../keys/data-keys.ts';
import { actorOf } from '../log/events.ts';
import type { Request } from '../request.ts';
import { activeTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';
import { beginAbort, finishAbort, sweepStore } from './abort.ts';
import { claim } from './claim.ts';
import type { ClaimedDeposit, Deposited, Depositing } from './depositing.ts';
import { finishDeposit, UNFINISHABLE } from './finish.ts';
import { holding } from './lease.ts';
import { uploadBody } from './upload-body.ts';

type Parts = Omit<Vault, 'sessionKeys'>;

/** A deposit that was COMMITTING is brought to its end by this, whatever the uploader does. */
const FINISH_MS = 120_000;
/** The uploader waits for its answer: what a store that is away keeps from being given up, settling gives up. */
const GIVE_UP_MS = 10_000;

/** Makes the deposit, of the recording that stands there or of a new one. Throws what `deposit` does. */
export async function createDeposit(
  vault: Parts,
  one: Depositing,
  there: Recording | null,
  request: Request,
): Promise<Deposited> {
  let { tenant } = one;
  for (;;) {
    try {
      return await keyAndCarry(vault, { ...one, tenant }, there?.id ?? newId('rec'), request);
    } catch (error) {
      if (!hasCode(error, 'upload_in_progress')) throw comeAgain(error);
      const now = await activeTenant(vault, tenant.tenant, request);
      if (now.wrap === tenant.wrap) throw error;
      // The key turned before the claim: no byte of the body was taken yet, and a data key under the new one will do.
      tenant = now;
    }
  }
}

async function keyAndCarry(vault: Parts, one: Depositing, recording: string, request: Request): Promise<Deposited> {
  const id = newId('dep');
  const key = await makeDataKey(vault, one.tenant, { recording, id }, request);
  try {
    const metadataKey = await vault.metadataKeys.get(one.tenant, request);
    const row = await claim(vault, { ...one, recording, deposit: id, key }, metadataKey, request);
    return await holding(vault, row, request.signal, (signal) =>
      carry(vault, { ...one, key, row }, { ...request, signal }),
    );
  } finally {
    key.dataKey.zero();
  }
}

/** From the claim to the end: what fails before COMMITTING is given up, what fails after it is finished later. */
async function carry(vault: Parts, one: ClaimedDeposit, request: Request): Promise<Deposited> {
  // Deadlines of its own, from the moment they are needed: the body may take hours.
  const own = (milliseconds: number): Request => ({ ...request, signal: vault.clock.deadline(milliseconds) });
  let committed: Awaited<ReturnType<typeof uploadBody>>;
  try {
    committed = await uploadBody(vault, one, request);
  } catch (error) {
    await giveUp(vault, one, error, own(GIVE_UP_MS));
    throw error;
  }
  const { row, facts } = committed;
  try {
    const { by, tenant, key } = one;
    const finishing = { by: actorOf(by), tenant, deposit: row, dataKey: key.dataKey };
    const receipt = await finishDeposit(vault, finishing, own(FINISH_MS));
    const { size, sha256 } = facts;
    const told = { recording: row.recording, deposit: row.id, object: row.object, size };
    return { ...told, sha256: sha256.toString('hex'), created: true, receipt };
  } catch (error) {
    // An erasure takes a deposit from under who finishes it: what that wrote since must not stay.
    if (hasCode(error, 'conflict')) await sweptLate(vault, { ...one, row }, own(GIVE_UP_MS)).catch(() => false);
    if (hasCode(error, ...UNFINISHABLE)) await giveUp(vault, { ...one, row }, error, own(GIVE_UP_MS));
    throw unknownYet(error);
  }
}

/** Never a 409 or a 500 for what another try did: some uploaders take a 409 for "already there" and delete their file. */
function comeAgain(error: unknown): unknown {
  if (hasCode(error, 'conflict')) {
    return new VaultError('upload_in_progress', 'this object is being deposited', { cause: error, retryAfter: 1 });
  }
  if (!hasCode(error, 'blob_missing', 'blob_exists')) return error;
  return new VaultError('store_unavailable', 'what was being stored is gone', { cause: error, retryAfter: 5 });
}

/** Nothing is spooled and nothing is claimed: what the outcome is, settling decides. */
function unknownYet(error: unknown): VaultError {
  if (hasCode(error, ...UNFINISHABLE)) {
    return new VaultError('store_unavailable', 'what was stored did not read back', { cause: error, retryAfter: 5 });
  }
  if (error instanceof VaultError) return error;
  return new VaultError('store_unavailable', 'the deposit is not finished yet', { cause: error, retryAfter: 5 });
}

async function giveUp(
  vault: Parts,
  { by, tenant, row }: ClaimedDeposit,
  error: unknown,
  request: Request,
): Promise<void> {
  const why = error instanceof VaultError ? error.code : 'failed';
  try {
    if (await sweptLate(vault, { tenant, row }, request)) return;
    await finishAbort(vault, tenant, await beginAbort(vault, actorOf(by), row, why, request), request);
  } catch {
    // The caller hears of the first error; settling does again what could not be done now.
  }
}

/** Where somebody else gave it up while this try was still writing, what came late is deleted here. */
async function sweptLate(
  vault: Parts,
  { tenant, row }: Pick<ClaimedDeposit, 'tenant' | 'row'>,
  request: Request,
): Promise<boolean> {
  const now = await vault.db.read((rows) => rows.deposits.find(row.tenant, row.id), request);
  if (now?.state !== 'ABORTING' && now?.state !== 'ABORTED') return false;
  await sweepStore(vault, tenant, row, request);
  return true;
}
