// Command that decrypts a recording into plain files from the bucket and the keys alone.
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { AmendmentFault } from '../envelope/amendments/check-stream.ts';
import { VaultError } from '../errors.ts';
import type { EnvelopeSummary } from '../model/amendments/envelope-facts.ts';
import { findEnvelopes, type OfflineDeposit, type OfflineSelection, withDeposit } from '../vault/offline/decrypt.ts';
import { findErasure } from '../vault/offline/find-erasure.ts';
import { readRecording } from '../vault/offline/read-recording.ts';
import type { TrustedKeys } from '../vault/offline/trusted-keys.ts';
import { addTrustedKeyOptions, type TrustedKeyOptions, trustedKeysFrom } from './support/options.ts';
import { withStopSignal } from './support/stop-signal.ts';
import { printJson } from './support/with-vault.ts';

type Options = TrustedKeyOptions & {
  readonly tenant: string;
  readonly recording: string;
  readonly deposit?: string;
  readonly object?: string;
  readonly erased: boolean;
  readonly amendments: boolean;
  readonly out: string;
};

/** What the first fault of a recording's entries means, for operators. */
const FAULTS: Readonly<Record<AmendmentFault, string>> = {
  amendment_missing: 'the bucket lacks this entry',
  amendment_damaged: 'this entry is not authentic, or not in its place',
  amendment_forked: 'the bucket has two entries of this number',
  amendment_unknown: 'a later version of callvault wrote this entry; use that version',
  amendment_without_row: 'the database does not have this entry',
};

type OfflineParts = Parameters<typeof readRecording>[0];

/** Registers `callvault decrypt-offline`. */
export function decryptOfflineCommand(program: Command): void {
  const command = program
    .command('decrypt-offline')
    .description(
      'decrypt a recording into a new folder from the bucket and the keys alone, without the service or the database',
    )
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--recording <id>', 'id of the recording')
    .option('--deposit <id>', 'only this deposit (default: all that have an envelope)')
    .option('--object <name>', 'only this object, e.g. audio or transcript/zh-CN (default: all)');
  addTrustedKeyOptions(command)
    .option('--erased', 'decrypt even if a tombstone marks the recording as erased', false)
    .option(
      '--no-amendments',
      'write no recording.json (facts with later changes, comments): it needs a list of the entries of all recordings',
    )
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
  if (!erased) checkErasure(await findErasure(vault, wanted, { signal }));
  await newFolder(options.out);
  let written = 0;
  const summaries: EnvelopeSummary[] = [];
  const write = async (one: OfflineDeposit): Promise<number> => {
    // With several deposits, some may not have the selected object.
    if (one.objects.length === 0 && found.length === 1) {
      throw new VaultError('not_found', 'the deposit has no object of this name');
    }
    summaries.push(one.summary);
    return one.objects.length === 0 ? 0 : writeAll(one, options.out);
  };
  for (const id of found) {
    try {
      written += await withDeposit(vault, id, wanted, trusted, write, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof VaultError)) throw error;
      reportFailed({ ...id }, error);
    }
  }
  if (summaries.length > 0 && options.amendments)
    await writeRecording(vault, wanted, summaries, trusted, options.out, signal);
  if (written > 0) return;
  process.exitCode = 1;
  // An empty folder would block the next run, which requires a new one.
  await rmdir(options.out).catch(() => undefined);
}

/** Writes the facts with the entries applied, and the comments; reports the first fault of the entries. */
async function writeRecording(
  vault: OfflineParts,
  wanted: OfflineSelection,
  summaries: readonly EnvelopeSummary[],
  trusted: TrustedKeys,
  out: string,
  signal: AbortSignal,
): Promise<void> {
  const subject = { tenant: wanted.tenant, recording: wanted.recording };
  process.stderr.write(
    'callvault: listing the amendments of all recordings of the tenant; --no-amendments skips this\n',
  );
  try {
    const { facts, comments, entries, fault } = await readRecording(vault, wanted, summaries, trusted, { signal });
    const file = join(out, 'recording.json');
    await writeNewFile(file, [[Buffer.from(`${JSON.stringify({ facts, comments }, null, 2)}\n`)]]);
    printJson({ ...subject, amendments: entries, comments: comments.length, file });
    if (fault === null) return;
    const { code, n, paths } = fault;
    printJson({ ...subject, error: code, n, paths, message: FAULTS[code] });
    process.exitCode = 1;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VaultError)) throw error;
    reportFailed(subject, error);
  }
}

/** Throws where a tombstone marks the recording as erased, or where one that may do so cannot be read. */
function checkErasure({ erased, unreadable }: Awaited<ReturnType<typeof findErasure>>): void {
  if (erased) {
    throw new VaultError(
      'erased',
      'a tombstone marks this recording as erased; --erased decrypts what is still stored',
    );
  }
  if (unreadable !== null) {
    throw new VaultError(
      'integrity',
      `the tombstone list ${unreadable} is damaged and may mark this recording as erased; --erased decrypts what is still stored`,
    );
  }
}

/** Writes the objects that open, reports those that do not, and returns how many it wrote. */
async function writeAll(deposit: OfflineDeposit, out: string): Promise<number> {
  const { tenant, recording, deposit: id } = deposit;
  const { created, facts } = deposit.summary;
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
      reportFailed(subject, error);
    }
  }
  return written;
}

function reportFailed(subject: object, { code, message }: VaultError): void {
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
