// callvault decrypt-offline: objects of a recording as plain files, from the bucket and the keys alone.
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { composeOffline } from '../compose.ts';
import { readOfflineConfig } from '../config.ts';
import { hasCode, VaultError } from '../errors.ts';
import {
  findEnvelopes,
  hasTombstone,
  type OfflineDeposit,
  type OfflineSelection,
  withDeposit,
} from '../vault/offline/decrypt.ts';
import { addTrustedKeyOptions, type TrustedKeyOptions, trustedKeysFrom } from './support/options.ts';
import { withStopSignal } from './support/stop-signal.ts';
import { printJson } from './support/with-vault.ts';

type Options = TrustedKeyOptions & {
  readonly tenant: string;
  readonly recording: string;
  readonly deposit?: string;
  readonly object?: string;
  readonly erased: boolean;
  readonly out: string;
};

/** Adds the command. */
export function decryptOfflineCommand(program: Command): void {
  const command = program
    .command('decrypt-offline')
    .description('decrypt a recording from the bucket and the keys alone, into a new folder: no service, no database')
    .requiredOption('--tenant <id>')
    .requiredOption('--recording <id>')
    .option('--deposit <id>', 'one deposit of it; else all that have an envelope')
    .option('--object <name>', 'one object: audio, transcript/zh-CN; else all');
  addTrustedKeyOptions(command)
    .option('--erased', 'also where a tombstone says that the recording was erased', false)
    .requiredOption('--out <folder>', 'a folder that is not there yet')
    .action((options: Options) => withStopSignal((signal) => decrypt(options, signal)));
}

async function decrypt(options: Options, signal: AbortSignal): Promise<void> {
  const vouched = trustedKeysFrom(options);
  const vault = await composeOffline(readOfflineConfig());
  const { tenant, recording, deposit, object, erased } = options;
  const wanted: OfflineSelection = { place: vault.location, tenant, recording, deposit, object };
  const found = await findEnvelopes(vault, wanted, { signal });
  if (found.length === 0) throw new VaultError('not_found', 'the bucket has no envelope of this recording');
  if (!erased && (await hasTombstone(vault, wanted, { signal }))) {
    throw new VaultError(
      'erased',
      'a tombstone says that the recording was erased: --erased opens what is still there',
    );
  }
  await newFolder(options.out);
  let written = 0;
  for (const id of found) {
    try {
      written += await withDeposit(vault, id, wanted, vouched, (one) => writeAll(one, options.out), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof VaultError)) throw error;
      // Of several deposits one may not have the object that is wanted.
      if (hasCode(error, 'not_found') && found.length > 1) continue;
      reportFailedObject({ ...id }, error);
    }
  }
  if (written > 0) return;
  process.exitCode = 1;
  // An empty one would only be in the way of the next try.
  await rmdir(options.out).catch(() => undefined);
}

/** Writes the objects that open, names those that do not, and returns how many it wrote. */
async function writeAll(deposit: OfflineDeposit, out: string): Promise<number> {
  const { tenant, recording, deposit: id, created, facts } = deposit;
  const folder = join(out, id);
  await mkdir(folder, { mode: 0o700 });
  await writeNewFile(join(folder, 'facts.json'), [[Buffer.from(`${JSON.stringify(facts, null, 2)}\n`)]]);
  let written = 0;
  for (const { name, type, size, sha256, content } of deposit.objects) {
    const told = { tenant, recording, deposit: id, object: name };
    const file = join(folder, name);
    try {
      await writeNewFile(file, content());
      printJson({ ...told, created, type, size, sha256, file });
      written += 1;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      reportFailedObject(told, error);
    }
  }
  return written;
}

function reportFailedObject(told: object, { code, message }: VaultError): void {
  printJson({ ...told, error: code, message });
  process.exitCode = 1;
}

async function newFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    throw new VaultError('malformed', 'the folder of --out must be a new one, in one that is there', { cause });
  }
}

/** A new file that only its owner reads: all of it, or none. */
async function writeNewFile(
  path: string,
  runs: Iterable<readonly Buffer[]> | AsyncIterable<readonly Buffer[]>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Its name comes last: what a killed process leaves does not look whole.
  const part = `${path}.part`;
  const file = await open(part, 'wx', 0o600);
  try {
    for await (const run of runs) {
      for (const chunk of run) {
        await file.writeFile(chunk);
        chunk.fill(0);
      }
    }
    await file.sync();
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
