// The vault that a command sends to over HTTP: its address, the credential, and whom to trust.
import { readFileSync } from 'node:fs';
import { type VaultClient, vaultClient } from '../../client/client.ts';
import { readCredential } from '../../client/credential.ts';
import { VaultError } from '../../errors.ts';

/** Options of such a command. */
export type TargetOptions = { readonly url?: string; readonly credential?: string; readonly ca?: string };

/** A client for the vault of these options. Throws `config_invalid`, and `malformed` without a credential. */
export async function vaultTarget(
  { url, credential, ca }: TargetOptions,
  sockets: number,
): Promise<{ readonly url: string; readonly client: VaultClient }> {
  // Loaded with the command, not to print its help.
  const { copyEnvironment } = await import('../../config.ts');
  const address = url ?? copyEnvironment()['CALLVAULT_URL'];
  if (address === undefined || address === '')
    throw new VaultError('config_invalid', 'give --url, or set CALLVAULT_URL');
  if (credential === undefined)
    throw new VaultError('malformed', 'give --credential: a file with the API key of an uploader');
  const trusted = ca === undefined ? {} : { ca: certificatesIn(ca) };
  return {
    url: address,
    client: vaultClient({ url: address, credential: await readCredential(credential), sockets, ...trusted }),
  };
}

function certificatesIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new VaultError('config_invalid', `${path} with certificates cannot be read`, { cause });
  }
}
