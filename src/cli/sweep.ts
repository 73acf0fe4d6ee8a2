// Command that lists blobs and envelopes without a row, and deletes them on request.
import type { Command } from 'commander';
import type { Actor } from '../model/audit-event.ts';
import type { Tenant } from '../model/tenant.ts';
import { selectTenants } from '../vault/core/tenants/select-tenants.ts';
import type { Vault } from '../vault/core/vault.ts';
import { sweepUploads } from '../vault/deposit/sweep-uploads.ts';
import { deleteOrphans, findOrphans, type Orphan } from '../vault/sweep/orphans.ts';
import { printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = { readonly tenant?: string; readonly delete: boolean; readonly json: boolean };

/** Registers `callvault sweep`. */
export function sweepCommand(program: Command): void {
  program
    .command('sweep')
    .description('list blobs and envelopes without a row; --delete deletes those that cannot be restored')
    .option('--tenant <id>', 'only this tenant (default: all)')
    .option('--delete', 'delete those that are safe to delete, and abort S3 uploads without a deposit', false)
    .option('--json', 'print one JSON object per blob, and one per tenant at its end', false)
    .action((options: Options) =>
      withVaultUntilStopped(({ vault }, by, request) => sweep(vault, by, options, request)),
    );
}

async function sweep(vault: Vault, by: Actor, options: Options, request: { readonly signal: AbortSignal }) {
  for (const tenant of await selectTenants(vault, options.tenant, request)) {
    await sweepTenant(vault, by, tenant, options, request);
  }
  if (!options.delete) return;
  const uploads = await sweepUploads(vault, request);
  if (options.json) printJson({ uploads_given_up: uploads });
  else printLine(`${uploads} S3 uploads aborted`);
}

async function sweepTenant(
  vault: Vault,
  by: Actor,
  tenant: Tenant,
  { delete: deletes, json }: Options,
  request: { readonly signal: AbortSignal },
): Promise<void> {
  const orphans: Orphan[] = [];
  const kinds: Record<string, number> = {};
  for await (const orphan of findOrphans(vault, by, tenant, request)) {
    const { kind, path, size, goes } = orphan;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (goes) orphans.push(orphan);
    if (json) printJson({ kind, tenant: tenant.tenant, path, size, goes });
    else printLine(`${kind.padEnd(17)} ${goes ? 'delete' : 'keep  '}  ${path}  ${size} bytes`);
  }
  const bytes = orphans.reduce((sum, { size }) => sum + size, 0);
  const deleted = deletes ? await deleteOrphans(vault, by, tenant, orphans, request) : 0;
  if (json) {
    printJson({ summary: { tenant: tenant.tenant, kinds, may_go: orphans.length, bytes, deleted } });
    return;
  }
  const found = Object.entries(kinds).map(([kind, n]) => `${n} ${kind}`);
  const rest = deletes ? `${deleted} deleted` : `${orphans.length} can be deleted (${bytes} bytes): run with --delete`;
  printLine(`${tenant.tenant}  ${found.length === 0 ? 'no orphans' : `${found.join(', ')}; ${rest}`}`);
}
