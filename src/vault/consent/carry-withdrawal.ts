// A withdrawal of consent on its way to the recordings that it reaches, some in a transaction, in order of their ids.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Basis } from '../../model/basis.ts';
import { isWithdrawnFor } from '../../model/basis.ts';
import { withdrawnBy } from '../../model/consent.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { Withdrawal } from '../../ports/rows/consent-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { readEntries } from '../core/amendments/read-entries.ts';
import { event } from '../core/events/events.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import { membersOf, openRawFacts, type RawFacts } from '../core/facts/raw-facts.ts';
import { areFactsSealed } from '../core/facts/sealed-facts.ts';
import { writeAct } from '../core/facts/write-act.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { endForbidden, type Narrowed, type Narrowing } from './end-access.ts';

export type CarryDeps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate' | 'sessionKeys'>;

/** Recordings of one transaction: others wait for the writer meanwhile. */
const PAGE = 50;
/** How long a process has for a page before another one goes on. */
export const LEASE_MS = 15_000;
/** When what could not be reached is tried again: indexes of a new field, damaged or rebuilt recordings. */
const LATER_MS = 10 * 60_000;

/** A withdrawal with what it is carried out by. */
type Carried = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly withdrawal: Withdrawal;
  readonly indexes: readonly IndexValue[];
};

/** How many recordings it changed, and those that it cannot change now. */
type Outcome = { readonly changed: number; readonly skipped: number };

/**
 * Carries a withdrawal on from where it is, to its end. Each transaction is complete in itself: a process that is killed
 * leaves the rest to another, and nothing is changed twice. Returns how many recordings it changed. Throws the errors of
 * database and key service, and `not_available` for a suspended tenant or before a replay is complete.
 */
export async function carryWithdrawal(
  vault: CarryDeps,
  withdrawal: Withdrawal,
  how: Narrowing,
  request: RequestContext,
): Promise<number> {
  const { tenant: id } = withdrawal;
  const found = await vault.db.read(async (rows) => {
    const indexes = await rows.consent.indexesOf(id, withdrawal.id);
    return {
      tenant: await rows.tenants.find(id),
      indexes,
      complete: await areIndexesComplete(
        rows,
        id,
        indexes.map(({ label }) => label),
      ),
    };
  }, request);
  const { tenant, indexes } = found;
  if (tenant === null) return 0;
  if (tenant.state !== 'ACTIVE' || !found.complete) {
    await moveOn(vault, withdrawal, withdrawal.reached, LATER_MS, request);
    return 0;
  }
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const carried = { tenant, metadataKey, withdrawal, indexes };
  const wasWhole = withdrawal.reached === '';
  let [changed, skipped, reached] = [0, 0, withdrawal.reached];
  for (;;) {
    request.signal.throwIfAborted();
    const page = await pageAfter(vault, carried, reached, request);
    const last = page.at(-1);
    if (last === undefined) break;
    const done = await carryTo(vault, carried, page, how, request);
    changed += done.changed;
    skipped += done.skipped;
    if (!(await moveOn(vault, { ...withdrawal, reached }, last, LEASE_MS, request))) return changed;
    reached = last;
  }
  // What a process before this one could not reach is looked at again.
  if (skipped > 0) await restart(vault, { ...withdrawal, reached }, LATER_MS, request);
  else if (wasWhole) await moveOn(vault, { ...withdrawal, reached }, reached, null, request);
  else await restart(vault, { ...withdrawal, reached }, 0, request);
  return changed;
}

type Reached = Pick<Withdrawal, 'tenant' | 'id' | 'reached'>;

function restart(vault: Pick<Vault, 'db'>, from: Reached, waitMs: number, request: RequestContext): Promise<boolean> {
  return moveOn(vault, from, '', waitMs, request);
}

/** Records how far it has come; false where another process has carried it on. */
async function moveOn(
  vault: Pick<Vault, 'db'>,
  from: Reached,
  reached: string,
  waitMs: number | null,
  request: RequestContext,
): Promise<boolean> {
  const now = Date.parse(await vault.db.read((rows) => rows.now(), request));
  const due = waitMs === null ? null : new Date(now + waitMs).toISOString();
  return vault.db.note((notes) => notes.consent.moveOn(from, { reached, due }), request);
}

/** The next recordings with any of its values, ascending. */
async function pageAfter(
  vault: Pick<Vault, 'db'>,
  { withdrawal: { tenant, at }, indexes }: Carried,
  after: string,
  request: RequestContext,
): Promise<readonly string[]> {
  const found = await vault.db.read(
    (rows) => Promise.all(indexes.map((index) => rows.consent.recordingsOf(tenant, index, at, after, PAGE))),
    request,
  );
  return [...new Set(found.flat())].sort().slice(0, PAGE);
}

/** Carries it to these recordings; where one of them is damaged, to each by itself. */
async function carryTo(
  vault: CarryDeps,
  carried: Carried,
  page: readonly string[],
  how: Narrowing,
  request: RequestContext,
): Promise<Outcome> {
  try {
    const { result } = await vault.db.change(async (tx) => {
      const { events, sessions, ...outcome } = await changePage(tx, vault, carried, page, how, request);
      const result = { outcome, sessions };
      return events.length === 0 ? { result, unchanged: true as const } : { result, events };
    }, request);
    for (const session of result.sessions) vault.sessionKeys.end(session);
    return result.outcome;
  } catch (error) {
    if (!hasCode(error, 'integrity', 'malformed', 'format_unknown')) throw error;
    if (page.length === 1) return { changed: 0, skipped: 1 };
    const each: Outcome[] = [];
    for (const id of page) each.push(await carryTo(vault, carried, [id], how, request));
    return {
      changed: each.reduce((sum, one) => sum + one.changed, 0),
      skipped: each.reduce((sum, one) => sum + one.skipped, 0),
    };
  }
}

type Changed = Outcome & { readonly events: readonly NewEvent[]; readonly sessions: readonly string[] };

async function changePage(
  tx: Transaction,
  vault: CarryDeps,
  { metadataKey, withdrawal }: Carried,
  page: readonly string[],
  how: Narrowing,
  request: RequestContext,
): Promise<Changed> {
  const tenant = await lockActiveTenant(tx, withdrawal.tenant);
  const events: NewEvent[] = [];
  const narrowed: Narrowed[] = [];
  let skipped = 0;
  for (const id of page) {
    const recording = await tx.recordings.lock(tenant.tenant, id);
    if (recording === null || isErased(recording) || recording.facts === null) continue;
    // Heard by no one, and its stream takes no entry.
    if (recording.quarantine.some((reason) => reason !== 'basis')) {
      skipped += 1;
      continue;
    }
    const { basis } = openRawFacts(metadataKey, recording, recording.facts);
    const setBy = await setterOf(tx, metadataKey, recording, membersOf(basis), withdrawal.at);
    const withdrawn = withdrawnBy(basis, setBy, [withdrawal]);
    if (withdrawn !== null) {
      const object = { id, set: 'basis', withdrawal: withdrawal.id, ...how.credential };
      const made = event(tenant.tenant, how.actor, 'recording.amended', object, request);
      const locked = { tenant, metadataKey, recording };
      events.push(await writeAct(tx, vault, locked, { basis: { withdrawn } }, made));
    }
    const now = { ...membersOf(basis), ...(withdrawn === null ? {} : { withdrawn }) } as unknown as Basis;
    const forbids = (purpose: string) => isWithdrawnFor(now, purpose);
    narrowed.push({ tenant: tenant.tenant, id, forbids, isNew: withdrawn !== null });
  }
  const changed = events.length;
  const ended = await endForbidden(tx, how, narrowed, request);
  return { changed, skipped, events: [...events, ...ended.events], sessions: ended.sessions };
}

/** Who set a basis that names a time after the withdrawal; null where that does not matter, or the depositor did. */
async function setterOf(
  tx: Transaction,
  metadataKey: SecretKey,
  recording: Recording,
  basis: RawFacts,
  at: string,
): Promise<string | null> {
  if (typeof basis['at'] !== 'string' || basis['at'] <= at || recording.facts === null) return null;
  const { tenant, id } = recording;
  const sealed = await areFactsSealed(tx, recording);
  const entries = sealed ? await readEntries(tx, metadataKey, { tenant, subject: id }) : [];
  const facts = openRawFacts(metadataKey, recording, recording.facts);
  return foldFacts(id, facts, entries).ranks.get('basis')?.by ?? null;
}
