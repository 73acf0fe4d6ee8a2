// The logs of a restored database: the deployment's at once, then the tenants', each once another operator confirmed it.
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Change } from '../../model/change/change.ts';
import type { Transaction } from '../../ports/database.ts';
import { bodyOf } from '../changes/sealed-texts.ts';
import { restoreLogByCommand } from '../commands/restore-log.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { RestoredLog, RestoreOptions } from '../log-restore/restore-log.ts';
import type { Steps } from './steps.ts';

type Deps = Parameters<typeof restoreLogByCommand>[0];

/** A change that permits to restore this log. */
export type LogChange = { readonly log: string; readonly change: Change };

/**
 * How to restore logs. `alone`: without another operator. `save`: as `RestoreOptions`, of each log. `confirmed` resolves once a change
 * is decided: whether it was approved. `restored` is called with each log that differed.
 */
export type LogsOptions = {
  readonly alone: boolean;
  readonly save: (log: string) => RestoreOptions['save'];
  readonly also: (tx: Transaction, tenant: string) => Promise<readonly NewEvent[]>;
  readonly confirmed: (opened: LogChange) => Promise<boolean>;
  readonly restored: (log: string, done: RestoredLog) => void;
};

/**
 * Brings back what was published of the logs. Opens the changes of all tenants before it waits for any, and goes on with
 * those that an earlier run opened. Without a signer, and for a log that was never published, there is nothing to do.
 * Returns how many logs differed.
 */
export async function restoreLogs(
  vault: Deps,
  by: Actor,
  options: LogsOptions,
  steps: Steps,
  request: RequestContext,
): Promise<number> {
  if (vault.signer === null) return 0;
  let differed = 0;
  const attempt = async (log: string, change: string | null): Promise<Change | null> => {
    const { save, also } = options;
    const how = { keys: [], lost: null, save: save(log), also: (tx: Transaction) => also(tx, log) };
    const permit = { note: 'callvault restored', alone: options.alone, change };
    const outcome = await restoreLogByCommand(vault, by, log, how, permit, request).catch((error: unknown) => {
      // Of a log that was never published.
      if (hasCode(error, 'not_found') && change === null) return null;
      throw error;
    });
    if (outcome === null) return null;
    if (!outcome.done) return outcome.change;
    if (outcome.result.was !== null) {
      differed++;
      options.restored(log, outcome.result);
    }
    return null;
  };
  const failed = await steps.run('logs', DEPLOYMENT, async () => void (await attempt(DEPLOYMENT, null)));
  if (failed !== null) return differed;
  const waiting: LogChange[] = [];
  for (const { tenant: log } of await tenantsWithKeys(vault, request)) {
    await steps.run('logs', log, async () => {
      const known = options.alone ? null : await changeOf(vault, by, log, request);
      const change = known?.state === 'OPEN' ? known : await attempt(log, known?.id ?? null);
      if (change !== null) waiting.push({ log, change });
    });
  }
  for (const opened of waiting) {
    let approved = false;
    await steps.run('waiting', opened.log, async () => {
      approved = await options.confirmed(opened);
    });
    await steps.run('logs', opened.log, async () => {
      if (!approved)
        throw new VaultError('conflict', `${opened.change.id} is not approved: run the command again once it is`);
      await attempt(opened.log, opened.change.id);
    });
  }
  return differed;
}

/** The change of an earlier run for this log, approved or open. */
async function changeOf(
  { db }: Pick<Deps, 'db'>,
  by: Actor,
  log: string,
  request: RequestContext,
): Promise<Change | null> {
  return db.read(async (rows) => {
    const now = await rows.now();
    for (const state of ['APPROVED', 'OPEN'] as const) {
      const page = await rows.changes.page(DEPLOYMENT, state, null, 500);
      const found = page.find(
        (one) =>
          one.kind === 'restore' && one.byCommand && one.proposer === by.id && one.expires > now && isOf(one, log),
      );
      if (found !== undefined) return found;
    }
    return null;
  }, request);
}

function isOf(change: Change, log: string): boolean {
  const body = bodyOf(null, change);
  return body.kind === 'restore' && body.log === log && body.keys.length === 0 && body.lost === null;
}
