// Releasing by an operator's command: opens a change, or releases in batches at once where no second person is needed.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { ReleaseBody, ReleasePreview, Staying } from '../../model/change/release.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, lockActiveTenant, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { Applying } from './applying.ts';
import type { CommandOptions } from './by-command.ts';
import { requireDepositor } from './depositor.ts';
import { type CommandProposal, type OpenedByCommand, openByCommand } from './open-by-command.ts';
import { releaseBatch } from './release-batch.ts';
import { type DraftedRelease, draftRelease, type WantedRelease } from './release-draft.ts';
import { judgePage } from './release-survey.ts';
import { confirmerOf } from './second-person.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'replayGate'>;

/** What the command did, or the change that it opened. */
export type ReleaseOutcome = { readonly preview: ReleasePreview } & (
  | { readonly done: true; readonly released: number }
  | OpenedByCommand
);

/**
 * Releases, or opens a change; `stays` receives each recording that stays. Repeated after an interruption, it goes on.
 * Throws as `draftRelease`, and `not_available` while the tenant's entries are not replayed.
 */
export async function releaseByCommand(
  vault: Deps,
  by: Actor,
  tenant: string,
  wanted: WantedRelease,
  { note, alone }: CommandOptions,
  request: RequestContext,
  stays?: (one: Staying) => void,
): Promise<ReleaseOutcome> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  vault.replayGate.require(tenant);
  const drafted = await draftRelease(vault, metadataKey, tenant, wanted, request, stays);
  const { preview } = drafted;
  const confirmer = await vault.db.read((rows) => confirmerOf(rows, tenant, by.id, []), request);
  if (confirmer === null || alone) {
    const how = { by, marks: confirmer === null ? {} : { alone: 1 }, request };
    return { done: true, released: await releaseAll(vault, metadataKey, tenant, drafted.body, how, request), preview };
  }
  return { ...(await open(vault, metadataKey, tenant, drafted, { by, note, confirmer }, request)), preview };
}

async function open(
  vault: Deps,
  metadataKey: SecretKey,
  tenant: string,
  drafted: DraftedRelease,
  proposal: CommandProposal,
  request: RequestContext,
): Promise<OpenedByCommand> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    const owner = { id: tenant, tenant: requireActive(await tx.tenants.lock(tenant)), metadataKey };
    return openByCommand(tx, owner, drafted, proposal, request);
  }, request);
  return result(receipts);
}

async function releaseAll(
  vault: Deps,
  metadataKey: SecretKey,
  tenant: string,
  body: ReleaseBody,
  how: Applying,
  request: RequestContext,
): Promise<number> {
  const nothing = new VaultError('conflict', 'another process did this first');
  let released = 0;
  for (let after: string | null = ''; after !== null; ) {
    request.signal.throwIfAborted();
    const { releasable, next } = await judgePage(vault, { tenant, metadataKey, body }, after, request);
    if (releasable.length === 0) {
      after = next;
      continue;
    }
    let again = false;
    try {
      const { result } = await vault.db.change(async (tx) => {
        await lockActiveTenant(tx, tenant);
        await requireDepositor(tx, metadataKey, tenant, body.depositor);
        const { events, moved } = await releaseBatch(tx, tenant, body, releasable, how);
        again = moved;
        if (events.length === 0) throw nothing;
        return { result: events.length, events };
      }, request);
      released += result;
    } catch (error) {
      if (error !== nothing) throw error;
    }
    if (!again) after = next;
  }
  return released;
}
