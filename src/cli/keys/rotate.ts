// callvault keys rotate: a tenant's key turns, and its wrap generation rises with it.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { moveToKey, moveToNewKey } from '../../vault/keys/move-key.ts';
import type { RotationResult } from '../../vault/keys/rotation.ts';
import { raiseGeneration, rotateKeyMaterial, setVolumeMode } from '../../vault/keys/rotation.ts';
import { printJson, withVault } from '../support/with-vault.ts';

type Options = {
  readonly newKey: boolean;
  readonly key?: string;
  readonly raise: boolean;
  readonly volume?: string;
};

type Rotate = (vault: Vault, by: Actor, tenant: string, request: RequestContext) => Promise<RotationResult>;

/** Adds the command. */
export function rotateCommand(keys: Command): void {
  keys
    .command('rotate <tenant>')
    .description('new material in the tenant’s key; what is wrapped already stays as it is until keys rewrap')
    .option('--new-key', 'a new key in place of the one it has', false)
    .option('--key <id>', 'an existing key of the key service in its place: the customer’s, proven by a challenge')
    .option('--raise', 'only a new generation: somebody else rotated the material', false)
    .option('--volume <on|off>', 'volume mode: data keys wrapped under a tenant KEK from now on, or no longer')
    .action((tenant: string, options: Options) =>
      withVault(async (vault, by, request) => {
        const { wrap, key } = await rotationFor(options)(vault, by, tenant, request);
        printJson({ tenant, generation: wrap, key: key.id, next: `callvault keys rewrap ${tenant}` });
      }),
    );
}

function rotationFor({ newKey, key, raise, volume }: Options): Rotate {
  const chosen = [newKey, key !== undefined, raise, volume !== undefined].filter((given) => given).length;
  if (chosen > 1) throw new VaultError('malformed', 'one of --new-key, --key, --raise and --volume at a time');
  if (volume !== undefined && volume !== 'on' && volume !== 'off') {
    throw new VaultError('malformed', '--volume is on or off');
  }
  if (key !== undefined) return (vault, by, tenant, request) => moveToKey(vault, by, tenant, key, request);
  if (volume !== undefined) {
    return (vault, by, tenant, request) => setVolumeMode(vault, by, tenant, volume === 'on', request);
  }
  if (raise) return raiseGeneration;
  return newKey ? moveToNewKey : rotateKeyMaterial;
}
