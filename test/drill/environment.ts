// Environment of a drill's vault.
import { join } from 'node:path';
import { signerFile } from '../support/signer-file.ts';

/** Environment of a deployment in the drill's folder: SQLite and a keyring, unless a database or KMS is given. */
export function environmentOf(
  folder: string,
  { database, kms }: { readonly database?: string | undefined; readonly kms?: string | undefined },
): Record<string, string> {
  const keys: Record<string, string> =
    kms === undefined
      ? {
          CALLVAULT_KEYS: `keyring:${join(folder, 'keyring.json')}`,
          CALLVAULT_KEYRING_ROOT: join(folder, 'root', 'root.key'),
        }
      : {
          CALLVAULT_KEYS: 'kms:',
          CALLVAULT_KMS_ENDPOINT: kms,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'drill',
          AWS_SECRET_ACCESS_KEY: 'drill',
        };
  return {
    CALLVAULT_ORIGIN: 'drill.example',
    CALLVAULT_DATABASE: database ?? `sqlite:${join(folder, 'vault.db')}`,
    CALLVAULT_STORE: `folder:${join(folder, 'store')}`,
    // Without a folder nothing of it is used but the keys.
    CALLVAULT_SIGNER: folder === '' ? '' : signerFile(join(folder, 'signer.pem')),
    ...keys,
  };
}
