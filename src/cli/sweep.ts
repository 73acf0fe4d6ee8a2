// callvault sweep: what lies in the store and no row stands for; it only tells of it, unless it is asked to delete.
import type { Command } from 'commander';
import type { Actor } from '../model/audit-event.ts';
import type { Tenant } from '../model/tenant.ts';
import { selectTenants } from '../vault/core/tenants/select-tenants.ts';
import type { Vault } from '../vault/core/vault.ts';
import { sweepUploads } from '../vault/deposit/sweep-uploads.ts';
import { deleteOrphans, findOrphans, type Orphan } from '../vault/sweep/orphans.ts';
import { printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = { readonly tenant?: string; readonly delete: boolean; readonly json: boolean };

/** Adds the command. */
export function sweepCommand(program: Command): void {
  program
    .command('sweep')
    .description(
      'find blobs and envelopes that no row stands for; --delete removes those that nothing could bring back',
    )
    .option('--tenant <id>', 'one tenant; else all')
    .option('--delete', 'delete what may go, and give up uploads that no deposit knows', false)
    .option('--json', 'one JSON object a blob, and one a tenant at its end', false)
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
  else printLine(`${uploads} uploads given up`);
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
    else printLine(`${kind.padEnd(17)} ${goes ? 'may go' : 'stays '}  ${path}  ${size} bytes`);
  }
  const bytes = orphans.reduce((sum, { size }) => sum + size, 0);
  const deleted = deletes ? await deleteOrphans(vault, by, tenant, orphans, request) : 0;
  if (json) {
    printJson({ summary: { tenant: tenant.tenant, kinds, may_go: orphans.length, bytes, deleted } });
    return;
  }
  const found = Object.entries(kinds).map(([kind, n]) => `${n} ${kind}`);
  const rest = deletes ? `${deleted} deleted` : `${orphans.length} may go (${bytes} bytes): --delete deletes them`;
  printLine(`${tenant.tenant}  ${found.length === 0 ? 'no orphans' : `${found.join(', ')}; ${rest}`}`);
}
