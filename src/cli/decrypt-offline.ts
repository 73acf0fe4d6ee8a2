// Command that decrypts a recording into plain files from the bucket and the keys alone.
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
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

/** Registers `callvault decrypt-offline`. */
export function decryptOfflineCommand(program: Command): void {
  const command = program
    .command('decrypt-offline')
    .description(
      'decrypt a recording into a new folder from the bucket and the keys alone, without the service or the database',
    )
    .requiredOption('--tenant <id>')
    .requiredOption('--recording <id>')
    .option('--deposit <id>', 'only this deposit (default: all that have an envelope)')
    .option('--object <name>', 'only this object, e.g. audio or transcript/zh-CN (default: all)');
  addTrustedKeyOptions(command)
    .option('--erased', 'decrypt even if a tombstone marks the recording as erased', false)
    .requiredOption('--out <folder>', 'folder to create for the files')
    .action((options: Options) => withStopSignal((signal) => decrypt(options, signal)));
}

async function decrypt(options: Options, signal: AbortSignal): Promise<void> {
  const trusted = trustedKeysFrom(options);
  const { readOfflineConfig } = await import('../config.ts');
  const { composeOffline } = await import('../compose.ts');
  const vault = await composeOffline(readOfflineConfig());
  const { tenant, recording, deposit, object, erased } = options;
  const wanted: OfflineSelection = { place: vault.location, tenant, recording, deposit, object };
  const found = await findEnvelopes(vault, wanted, { signal });
  if (found.length === 0)
    throw new VaultError(
      'not_found',
      'the bucket has no envelope of this recording; check --tenant, --recording and --deposit',
    );
  if (!erased && (await hasTombstone(vault, wanted, { signal }))) {
    throw new VaultError(
      'erased',
      'a tombstone marks this recording as erased; --erased decrypts what is still stored',
    );
  }
  await newFolder(options.out);
  let written = 0;
  for (const id of found) {
    try {
      written += await withDeposit(vault, id, wanted, trusted, (one) => writeAll(one, options.out), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof VaultError)) throw error;
      // With several deposits, some may not have the selected object.
      if (hasCode(error, 'not_found') && found.length > 1) continue;
      reportFailedObject({ ...id }, error);
    }
  }
  if (written > 0) return;
  process.exitCode = 1;
  // An empty folder would block the next run, which requires a new one.
  await rmdir(options.out).catch(() => undefined);
}

/** Writes the objects that open, reports those that do not, and returns how many it wrote. */
async function writeAll(deposit: OfflineDeposit, out: string): Promise<number> {
  const { tenant, recording, deposit: id, created, facts } = deposit;
  const folder = join(out, id);
  await mkdir(folder, { mode: 0o700 });
  await writeNewFile(join(folder, 'facts.json'), [[Buffer.from(`${JSON.stringify(facts, null, 2)}\n`)]]);
  let written = 0;
  for (const { name, type, size, sha256, content } of deposit.objects) {
    const subject = { tenant, recording, deposit: id, object: name };
    const file = join(folder, name);
    try {
      await writeNewFile(file, content());
      printJson({ ...subject, created, type, size, sha256, file });
      written += 1;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      reportFailedObject(subject, error);
    }
  }
  return written;
}

function reportFailedObject(subject: object, { code, message }: VaultError): void {
  printJson({ ...subject, error: code, message });
  process.exitCode = 1;
}

async function newFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    throw new VaultError(
      'malformed',
      'cannot create the folder of --out: it must not exist yet, and its parent folder must exist',
      { cause },
    );
  }
}

/** Writes a new file that only its owner can read: all of it, or none. */
async function writeNewFile(
  path: string,
  runs: Iterable<readonly Buffer[]> | AsyncIterable<readonly Buffer[]>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // The rename comes last, so that a killed process leaves no file that looks complete.
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
