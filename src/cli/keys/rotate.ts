// Command that rotates a tenant's key and raises its wrap generation.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { moveKeyByCommand } from '../../vault/commands/change-key.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import type { RotationResult } from '../../vault/keys/rotation.ts';
import { raiseGeneration, rotateKeyMaterial, setVolumeMode } from '../../vault/keys/rotation.ts';
import { addCarryOutOptions, type CarryOutCliOptions, carryOutOrWait } from '../support/second-person.ts';
import { printJson, withVault } from '../support/with-vault.ts';

type Options = {
  readonly newKey: boolean;
  readonly key?: string;
  readonly raise: boolean;
  readonly volume?: string;
};

type Rotate = (vault: Vault, by: Actor, tenant: string, request: RequestContext) => Promise<RotationResult>;

/** Registers `callvault keys rotate`. */
export function rotateCommand(keys: Command): void {
  const command = keys
    .command('rotate <tenant>')
    .description('rotate the material of the tenant’s key; existing wrapped keys stay unchanged until keys rewrap')
    .option('--new-key', 'replace the key by a new one', false)
    .option('--key <id>', 'replace the key by an existing key of the customer, proven by a challenge')
    .option('--raise', 'raise the generation only, after the material was rotated in the key service', false)
    .option('--volume <on|off>', 'volume mode: wrap new data keys under a tenant KEK, or stop doing so');
  addCarryOutOptions(command).action((tenant: string, options: Options & CarryOutCliOptions) =>
    withVault(async (vault, by, request) => {
      const print = ({ wrap, key }: RotationResult): void =>
        printJson({ tenant, generation: wrap, key: key.id, next: `callvault keys rewrap ${tenant}` });
      const rotate = rotationFor(options);
      if (rotate !== null) {
        print(await rotate(vault, by, tenant, request));
        return;
      }
      const what = { tenant, key: options.key ?? null };
      await carryOutOrWait(
        vault,
        'keys rotate',
        options,
        (how, within) => moveKeyByCommand(vault, by, what, how, within),
        ({ wrap }) => ({ tenant, generation: wrap }),
        print,
      );
    }),
  );
}

/** A rotation by one person; null where the tenant gets another key, which needs two. */
function rotationFor({ newKey, key, raise, volume }: Options): Rotate | null {
  const chosen = [newKey, key !== undefined, raise, volume !== undefined].filter((given) => given).length;
  if (chosen > 1) throw new VaultError('malformed', 'give only one of --new-key, --key, --raise and --volume');
  if (volume !== undefined && volume !== 'on' && volume !== 'off') {
    throw new VaultError('malformed', '--volume must be on or off');
  }
  if (key !== undefined || newKey) return null;
  if (volume !== undefined) {
    return (vault, by, tenant, request) => setVolumeMode(vault, by, tenant, volume === 'on', request);
  }
  return raise ? raiseGeneration : rotateKeyMaterial;
}
