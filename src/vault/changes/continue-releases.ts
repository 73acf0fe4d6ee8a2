// Background work: applies approved releases in batches, and marks each as applied once all is done.
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Change } from '../../model/change/change.ts';
import type { ReleaseBody } from '../../model/change/release.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { runAll } from '../core/concurrency.ts';
import { event, systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { currentBase } from './base.ts';
import { move } from './decide.ts';
import { requireDepositor } from './depositor.ts';
import { releaseBatch } from './release-batch.ts';
import { judgePage, type Releasable, type ReleaseScope } from './release-survey.ts';
import { bodyOf } from './sealed-texts.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'settings' | 'replayGate'>;

const MOST_CHANGES = 100;

/**
 * One round over all approved releases. Returns how many recordings it released; a failure does not stop the others and
 * is thrown at the end. Every batch is complete in itself: a process that is killed leaves the rest to the next round, and
 * two processes release nothing twice. A tenant whose entries are still replayed waits.
 */
export async function continueReleases(vault: Deps, request: RequestContext): Promise<number> {
  const approved = await vault.db.read((rows) => rows.changes.approvedOf('release', MOST_CHANGES), request);
  const ready = approved.filter(({ tenant }) => vault.replayGate.isOpen(tenant));
  return runAll(ready.map((change) => () => continueOne(vault, change, forTenant(request, change.tenant))));
}

async function continueOne(vault: Deps, change: Change, request: RequestContext): Promise<number> {
  const { tenant } = change;
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  requireAuthentic(metadataKey, 'change', change);
  const body = bodyOf(metadataKey, change);
  if (body.kind !== 'release') throw new VaultError('internal', 'only releases are applied in batches');
  const scope: Scope = { tenant, metadataKey, body };
  let released = 0;
  for (let after: string | null = ''; after !== null; ) {
    request.signal.throwIfAborted();
    const { releasable, next } = await judgePage(vault, scope, after, request);
    if (releasable.length > 0) {
      const done = await applyBatch(vault, scope, change, releasable, request);
      if (done === 'ended') return released;
      released += done.released;
      // Judged again by the next round, which ends the change.
      if (done.moved) return released;
    }
    after = next;
  }
  await inChange(vault, scope, change, request, async (tx, row) => {
    await move(tx, metadataKey, row, 'APPLIED', {});
    return [event(tenant, systemActor(vault.settings), 'change.applied', { id: row.id, kind: row.kind }, request)];
  });
  return released;
}

type Scope = ReleaseScope & { readonly body: ReleaseBody };
type Batch = { readonly released: number; readonly moved: boolean };

async function applyBatch(
  vault: Deps,
  scope: Scope,
  change: Change,
  batch: readonly Releasable[],
  request: RequestContext,
): Promise<Batch | 'ended'> {
  const { tenant, metadataKey, body } = scope;
  let done: Batch = { released: 0, moved: false };
  const open = await inChange(vault, scope, change, request, async (tx) => {
    await requireDepositor(tx, metadataKey, tenant, body.depositor);
    const how = { by: systemActor(vault.settings), marks: { change: change.id }, request };
    const { events, moved } = await releaseBatch(tx, tenant, body, batch, how);
    done = { released: events.length, moved };
    return events;
  });
  return open ? done : 'ended';
}

/**
 * Runs one step of a change that is still approved and builds on current versions; otherwise it expires, and what is left
 * needs another change. False: the change ended.
 */
async function inChange(
  vault: Deps,
  { tenant, metadataKey, body }: Scope,
  { id }: Change,
  request: RequestContext,
  step: (tx: Transaction, row: Change) => Promise<NewEvent[]>,
): Promise<boolean> {
  const nothing = new VaultError('conflict', 'another process did this first');
  let open = false;
  try {
    await vault.db.change(async (tx) => {
      const row = await lockActiveTenant(tx, tenant);
      const change = await tx.changes.lock(tenant, id);
      open = change !== null && change.state === 'APPROVED';
      if (change === null || !open) throw nothing;
      requireAuthentic(metadataKey, 'change', change);
      if (change.expires <= (await tx.now()) || (await currentBase(tx, metadataKey, row, body)) !== change.base) {
        open = false;
        await move(tx, null, change, 'EXPIRED', {});
        const object = { id, kind: change.kind };
        return {
          result: undefined,
          events: [event(tenant, systemActor(vault.settings), 'change.expired', object, request)],
        };
      }
      const events = await step(tx, change);
      if (events.length === 0) throw nothing;
      return { result: undefined, events };
    }, request);
  } catch (error) {
    if (error !== nothing) throw error;
  }
  return open;
}
