// `relay check`: tries what a running relay needs, and reports each step. It seals nothing and uploads nothing.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import type { RelayConfig } from './config.ts';
import { codeOf } from './error-code.ts';
import { foldersOf, keyFileOf, makeFolders } from './folders.ts';
import { decideKey, keyFingerprint, readOfferedKey, trustedKept } from './ingest-key.ts';
import { readKeptKeys } from './kept-keys.ts';
import { nodeFiles } from './node-files.ts';
import { clientOf } from './run.ts';

/** One step of the check. `detail` says what was found, or what to do. */
export type CheckedStep = { readonly step: string; readonly ok: boolean; readonly detail: string };

/** Checks everything; a failed step does not end the others. */
export async function checkRelay(config: RelayConfig, signal: AbortSignal): Promise<readonly CheckedStep[]> {
  const steps: CheckedStep[] = [];
  const step = async (name: string, work: () => Promise<string>): Promise<void> => {
    try {
      steps.push({ step: name, ok: true, detail: await work() });
    } catch (error) {
      steps.push({
        step: name,
        ok: false,
        detail: error instanceof VaultError ? error.message : `failed (${codeOf(error)})`,
      });
    }
  };
  const folders = foldersOf(config.spool);
  await step('spool', async () => {
    await makeFolders(folders);
    await tryFile(folders.tmp);
    const free = await nodeFiles.freeBytes(config.spool);
    if (free < config.freeBytes) throw new VaultError('conflict', 'less space is free than limits.free_bytes demands');
    return `writable, ${Math.floor(free / 1e6)} MB free`;
  });
  for (const folder of config.folders) {
    await step(`folder ${folder}`, async () => {
      let unread = 0;
      await nodeFiles.list(folder, () => {
        unread += 1;
      });
      if (unread > 0)
        throw new VaultError(
          'conflict',
          `subfolders that cannot be read, or are too deep: ${unread}; files lists them`,
        );
      await tryFile(folder);
      return 'readable; files can be renamed and deleted';
    });
  }
  await step('vault', async () => {
    const client = await clientOf(config);
    try {
      const answer = await client.send({ method: 'GET', path: '/v1/ingest-key' }, { signal });
      const code = answer.json?.['code'];
      if (answer.status !== 200)
        throw new VaultError(
          'conflict',
          `the vault answered ${answer.status}${typeof code === 'string' ? ` ${code}` : ''}`,
        );
      const offered = readOfferedKey(answer.json);
      if (offered === null) throw new VaultError('conflict', 'the vault sent no ingest key');
      const { tenant, verifierKey, publicKey } = config;
      const pinned = { tenant, verifierKey, publicKey };
      const kept = trustedKept(await readKeptKeys(keyFileOf(config.spool)), pinned);
      const { problem } = decideKey(kept, offered, pinned);
      if (problem !== null)
        throw new VaultError('conflict', `the ingest key ${offered.id} is not accepted: ${problem}`);
      return `ingest key ${offered.id}, fingerprint ${keyFingerprint(offered)}`;
    } finally {
      client.close();
    }
  });
  return steps;
}

/** Creates, renames and deletes a file. Throws what the file system throws. */
async function tryFile(folder: string): Promise<void> {
  const [first, second] = [0, 1].map(() => join(folder, `.callvault-check-${randomUUID()}`)) as [string, string];
  try {
    await nodeFiles.create(first, onePiece());
    if (!(await nodeFiles.renameToFree(first, second))) throw new VaultError('conflict', 'files cannot be renamed');
    await nodeFiles.syncFolder(folder);
  } finally {
    await nodeFiles.remove(first);
    await nodeFiles.remove(second);
  }
}

async function* onePiece(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('check\n');
}
