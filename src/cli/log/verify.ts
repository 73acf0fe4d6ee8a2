// Command that checks an exported log with nothing but its folder: no vault, no configuration, no database.
import type { Command } from 'commander';
import { hasCode, VaultError } from '../../errors.ts';
import { readVerifierKey, type VerifierKey } from '../../model/log/note.ts';
import type { FoundCheckpoint } from '../../model/log/published/published-check.ts';
import { type Receipts, readReceipts } from '../../model/log/published/receipts.ts';
import { noteCrypto } from '../../vault/core/proofs/note-crypto.ts';
import { readText } from '../support/read-text.ts';
import { printJson, printLine } from '../support/with-vault.ts';
import { openExport, readKept } from './export-folder.ts';
import {
  countNotices,
  type LogReport,
  type ReportedFinding,
  readHead,
  type VerifiedExport,
  verifyExport,
} from './verify-export.ts';

type Options = {
  readonly key: readonly string[];
  readonly kept?: readonly string[];
  readonly receipts?: string;
  readonly deployment?: string;
  readonly url?: string;
  readonly recording?: string;
  readonly json: boolean;
};

type Document = { readonly findings: number; readonly logs: readonly LogReport[] };

/** As docs/verify_log.py: findings, and what cannot be checked. */
const FOUND = 1;
const UNUSABLE = 2;

/** Registers `callvault log verify`. */
export function logVerifyCommand(log: Command): void {
  log
    .command('verify <folder>')
    .description('check an exported log, with nothing but its folder and the keys that you trust')
    .requiredOption('--key <vkey...>', 'verifier keys of the log’s signer, from a place that operators cannot change')
    .option('--kept <file...>', 'checkpoints that you kept: the log must continue each of them')
    .option('--receipts <file>', 'lines of Vault-Audit that clients kept')
    .option('--deployment <folder>', 'an export of the deployment’s log; give its key too')
    .option('--url <address>', 'the address of the service, for a log that does not name it')
    .option('--recording <id>', 'list who heard this recording, when and on whose approval')
    .option('--json', 'print one JSON object', false)
    .action(async (folder: string, options: Options) => {
      try {
        const found = await verifyFolders(folder, options);
        if (options.json) printJson(found);
        else print(found);
        process.exitCode = found.findings === 0 ? 0 : FOUND;
      } catch (error) {
        if (!hasCode(error, 'malformed')) throw error;
        process.stderr.write(`callvault: ${error.message}\n`);
        process.exitCode = UNUSABLE;
      }
    });
}

/** The report on an export, and before it on that of the deployment's log, if one is given. */
export async function verifyFolders(folder: string, options: Omit<Options, 'json'>): Promise<Document> {
  const keys = options.key.map(parseKey);
  const kept = (options.kept ?? []).map(readKept).map(({ file, note }) => ({ ...readHead(note, file), file, note }));
  const receipts = await receiptsIn(options.receipts);
  const outside = { keys, kept, receipts };
  const { deployment, url } = options;
  const operators = deployment === undefined ? null : verifyFolder(deployment, outside, { url });
  const { report: main } = verifyFolder(folder, outside, options, operators);
  const before = operators === null ? [] : [operators.report];
  const names = [...before, main].map(({ log }) => log);
  const strange = kept.find(({ log }) => !names.includes(log));
  if (strange !== undefined) throw new VaultError('malformed', `${strange.file} is a checkpoint of ${strange.log}`);
  const count = [...receipts]
    .filter(([name]) => !names.includes(name))
    .flatMap(([, ofLog]) => [...ofLog.values()].flat()).length;
  const noted = countNotices(count === 0 ? [] : [{ code: 'other_receipts', index: 0, count }]);
  const logs = [...before, { ...main, notices: [...main.notices, ...noted] }];
  return { findings: logs.reduce((sum, one) => sum + one.findings.length + one.not_shown, 0), logs };
}

type Kept = FoundCheckpoint & { readonly log: string };
type Outside = { readonly keys: readonly VerifierKey[]; readonly kept: readonly Kept[]; readonly receipts: Receipts };

function verifyFolder(
  path: string,
  { keys, kept, receipts }: Outside,
  { url, recording }: { readonly url?: string | undefined; readonly recording?: string | undefined },
  deployment: VerifiedExport | null = null,
): VerifiedExport {
  const folder = openExport(path);
  const { log } = readHead(folder.head, `${path}/checkpoint`);
  const trusted = keys.filter(({ name }) => name === log);
  if (trusted.length === 0) throw new VaultError('malformed', `no --key is for the log ${log}`);
  return verifyExport(folder, {
    keys: trusted,
    kept: kept.filter((one) => one.log === log),
    receipts: receipts.get(log) ?? new Map(),
    url: url ?? null,
    recording: recording ?? null,
    deployment: deployment?.operators ?? null,
  });
}

/** A key that an option names. Throws `malformed` for a text that is none. */
export function parseKey(text: string): VerifierKey {
  const key = readVerifierKey(text, noteCrypto.sha256);
  if (key !== null) return key;
  throw new VaultError('malformed', `--key ${text} is not a verifier key of a signed note`);
}

async function receiptsIn(file: string | undefined): Promise<Receipts> {
  if (file === undefined) return new Map();
  const { receipts, wrong } = readReceipts(await readText(file, 'the receipts'));
  if (receipts !== null) return receipts;
  throw new VaultError('malformed', `${file}: ${JSON.stringify(wrong)} is not a line of Vault-Audit`);
}

function print({ findings, logs }: Document): void {
  for (const report of logs) printReport(report);
  printLine(findings === 1 ? '1 finding.' : `${findings} findings.`);
}

/** Bytes of signatures say nothing to a reader. */
const UNREADABLE: ReadonlySet<string> = new Set(['key', 'authenticator', 'client', 'signature']);

/** An event on one line: when, who, what, and the members of its object. */
function textOf({ ts, actor, action, object }: NonNullable<ReportedFinding['event']>): string {
  const { type, id, ...members } = object;
  const rest = Object.entries(members)
    .filter(([name]) => !UNREADABLE.has(name))
    .map(([name, value]) => `${name} ${String(value)}`);
  return [`${ts} ${actor.type} ${actor.id} (${actor.auth}): ${action} ${type} ${id}`, ...rest].join(', ');
}

function printReport({ log, events, from, to, checkpoint, adopted, address, findings, ...more }: LogReport): void {
  printLine(`Log ${log}: ${events} events, from ${from} to ${to}.`);
  if (checkpoint === null) printLine('No checkpoint by a trusted key holds.');
  else {
    const { size, root, keys } = checkpoint;
    const signed = `signed by key ${keys.join(', ')}`;
    printLine(`The newest checkpoint that holds has ${size} events and root ${root}, ${signed}.`);
  }
  const passkeys = address === null ? '' : `; passkeys belong to ${address}`;
  if (adopted !== null) printLine(`Checkpoints began with event ${adopted}${passkeys}.`);
  for (const { code, index, id, sentence, event } of findings) {
    printLine(`${code} ${index} ${id}: ${sentence}`);
    if (event !== undefined) printLine(`  ${textOf(event)}`);
  }
  if (more.not_shown > 0) printLine(`${more.not_shown} more findings are not shown.`);
  for (const { code, count, index, sentence } of more.notices) {
    printLine(`note: ${count} from event ${index}: ${sentence} (${code})`);
  }
  if (more.recording === undefined) return;
  printLine(`Recording ${more.recording.id}:`);
  for (const line of more.recording.lines) printLine(`  ${line}`);
}
