// The files of a signer, created where no other signer has sealed the logs of the deployment.
import type { Config } from '../../config.ts';
import { composeForCommand } from './with-vault.ts';

const CHECK_MS = 60_000;

/** The created files, and the verifier keys of the whole signer for the deployment's log. */
export type CreatedSigner = { readonly files: readonly string[]; readonly keys: readonly string[] };

/**
 * Creates the files that CALLVAULT_SIGNER names and that do not exist; null where all exist. Throws `signer_differs` where
 * another signer sealed the logs, and `config_invalid` for a file that cannot be written.
 */
export async function createFirstSigner(config: Config): Promise<CreatedSigner | null> {
  const { createSignerFiles, signerFiles } = await import('../../compose.ts');
  const { existing, missing } = await signerFiles(config);
  if (missing.length === 0) return null;
  const { requireNoOtherSigner } = await import('../../vault/sealing/signer-of-logs.ts');
  const { logName } = await import('../../model/audit-event.ts');
  const { DEPLOYMENT } = await import('../../vault/core/events/events.ts');
  const { verifiersOf } = await import('../../vault/core/proofs/verifier-keys.ts');
  const { vault, close } = await composeForCommand({ ...config, signer: existing });
  try {
    await requireNoOtherSigner(vault, { signal: vault.clock.deadline(CHECK_MS) });
  } finally {
    await close();
  }
  const signer = await createSignerFiles(config);
  return { files: missing, keys: verifiersOf(signer, logName(config.origin, DEPLOYMENT)) };
}
