// Commands for the ingest keys of tenants: the key pairs that files are sealed to before their upload.
import type { Command } from 'commander';
import { toBase64 } from '../../bytes/base64.ts';
import { createIngestKey } from '../../vault/keys/ingest/create.ts';
import { retireIngestKey } from '../../vault/keys/ingest/retire.ts';
import { tenantWithKey } from '../../vault/keys/rotation.ts';
import { printJson, withVault, withVaultToRead } from '../support/with-vault.ts';

/** Registers `callvault ingest-key`. */
export function ingestKeyCommands(program: Command): void {
  const keys = program.command('ingest-key').description('key pairs of tenants that files are sealed to');
  keys
    .command('list <tenant>')
    .description('list the ingest keys of a tenant, oldest first, with the time of the last file sealed to each')
    .action((tenant: string) =>
      withVaultToRead(async (vault, _by, request) => {
        const { tenant: id } = await tenantWithKey(vault, tenant, request);
        const rows = await vault.db.read(({ ingestKeys }) => ingestKeys.all(id), request);
        for (const { id: key, state, created, lastFileAt, public: publicKey, wrap, note } of rows) {
          const shown = { key, state, created, last_file: lastFileAt, public: toBase64(publicKey) };
          printJson({ tenant, ...shown, generation: wrap, signed: note !== null });
        }
      }),
    );
  keys
    .command('rotate <tenant>')
    .description('create a new ingest key; the one before still opens files until it is retired')
    .action((tenant: string) =>
      withVault(async (vault, by, request) => {
        const row = await createIngestKey(vault, by, await tenantWithKey(vault, tenant, request), 'rotated', request);
        printJson({ tenant, key: row.id, public: toBase64(row.public), signed: row.note !== null });
      }),
    );
  keys
    .command('retire <tenant> <key>')
    .description(
      'delete an old ingest key, 90 days after its replacement and its last file; files sealed to it never open again',
    )
    .action((tenant: string, key: string) =>
      withVault(async (vault, by, request) => {
        await retireIngestKey(vault, by, { tenant, id: key }, request);
        printJson({ tenant, key, state: 'RETIRED' });
      }),
    );
}
