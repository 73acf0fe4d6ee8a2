// Files of signers: the product creates one only by `init` and `signer create`.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openSigner } from '../../src/adapters/local/signing-key.ts';
import type { Signer } from '../../src/ports/signer.ts';

/** Writes a new signing key to this path unless it has one; returns the path. */
export function signerFile(path: string): string {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o400, flag: 'wx' });
  return path;
}

/** The signer with the keys in these files, which are written where they are missing. */
export function makeSigner(paths: readonly string[]): Promise<Signer> {
  return openSigner(paths.map(signerFile));
}

/** The variables of a signer and an anchor in this folder. */
export function sealedIn(folder: string): { readonly CALLVAULT_SIGNER: string; readonly CALLVAULT_ANCHOR: string } {
  return {
    CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')),
    CALLVAULT_ANCHOR: `folder:${join(folder, 'anchor')}`,
  };
}
