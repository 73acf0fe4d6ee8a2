// Commands about certificates of erasure: checking one with nothing but its file.
import type { Command } from 'commander';
import { toBase64 } from '../bytes/base64.ts';
import { hasCode, VaultError } from '../errors.ts';
import type { CertifiedEvent } from '../model/log/certificate/certificate.ts';
import {
  type CertificateCode,
  type CheckedCertificate,
  checkCertificate,
  logOfCertificate,
} from '../model/log/certificate/check-certificate.ts';
import { readLeaf } from '../model/log/leaf.ts';
import { readVerifierKey } from '../model/log/note.ts';
import { noteCrypto } from '../vault/core/proofs/note-crypto.ts';
import { readText } from './support/read-text.ts';
import { printJson, printLine } from './support/with-vault.ts';

type Options = { readonly verifier: readonly string[]; readonly json: boolean };

/** As `log verify`: findings, and what cannot be checked. */
const FOUND = 1;
const UNUSABLE = 2;

const SENTENCES: Readonly<Record<CertificateCode, string>> = {
  signature: 'No key that you named signed this text, or a byte of it was changed.',
  format: 'This is not a certificate of erasure that this version knows.',
  log: 'This is not the name of a tenant’s log.',
  reason: 'This is not a reason and its cause.',
  event: 'This is not an event: an index and the bytes of a leaf in base64.',
  corrected: 'This is not a correction of the clock: an index and the bytes of a leaf in base64.',
  erased: 'This is not an erased recording with its three times.',
  stays: 'This is not a recording that is kept or held.',
  database: 'This is not what the database did, or a line before it has another form.',
  backups: 'This is not the end of backups.',
  issued: 'This is not the time of issue.',
  end: 'Text follows the certificate.',
  order: 'This line does not come after the one before it, or repeats it.',
  leaf: 'These bytes are not the event of this log at this index that the line names.',
  reason_differs: 'The event gives another reason or cause.',
  unlisted: 'No event of the certificate lists this recording.',
  no_erasure: 'The certificate lists none of this event’s recordings as erased.',
  stays_erased: 'This recording is also listed as erased.',
  time: 'This time is before what it must follow.',
};

/** Registers `callvault certificates`. */
export function certificateCommands(program: Command): void {
  program
    .command('certificates')
    .description('certificates of erasure')
    .command('check <file>')
    .description('check a certificate of erasure, with nothing but its file and the verifier key of the tenant’s log')
    .requiredOption(
      '--verifier <key...>',
      'verifier keys of the log’s signer, from a place that operators cannot change',
    )
    .option('--json', 'print one JSON object', false)
    .action(async (file: string, { verifier, json }: Options) => {
      try {
        const checked = await checkFile(file, verifier);
        if (json) printJson(toJson(checked));
        else print(checked);
        process.exitCode = checked.findings.length === 0 ? 0 : FOUND;
      } catch (error) {
        if (!hasCode(error, 'malformed')) throw error;
        process.stderr.write(`callvault: ${error.message}\n`);
        process.exitCode = UNUSABLE;
      }
    });
}

async function checkFile(file: string, verifiers: readonly string[]): Promise<CheckedCertificate> {
  const keys = verifiers.map((text) => {
    const key = readVerifierKey(text, noteCrypto.sha256);
    if (key !== null) return key;
    throw new VaultError('malformed', `--verifier ${text} is not a verifier key of a signed note`);
  });
  const note = await readText(file, 'the certificate');
  const log = logOfCertificate(note);
  if (log === null) throw new VaultError('malformed', `${file} is not a signed certificate of erasure`);
  if (!keys.some(({ name }) => name === log))
    throw new VaultError('malformed', `no --verifier is for the log ${JSON.stringify(log)}`);
  return checkCertificate(note, keys, noteCrypto);
}

function print({ log, certificate, events, findings }: CheckedCertificate): void {
  if (certificate !== null) {
    const { reason, cause, corrections, erased, stays, database, backups, issued } = certificate;
    printLine(`Certificate of erasure of the log ${log}, issued ${issued}.`);
    printLine(`Reason: ${reason}${cause === null ? '' : ` (${cause})`}.`);
    for (const { seq, leaf } of corrections)
      printLine(`A wrong clock wrote some of these times. Event ${seq} put it right at ${readLeaf(leaf)?.ts}.`);
    for (const { recording, began, destroyed, gone } of erased)
      printLine(`${recording}: call began ${began}, keys destroyed ${destroyed}, nothing left ${gone}`);
    for (const stay of stays)
      printLine(stay.held ? `${stay.recording}: held` : `${stay.recording}: kept until ${stay.until} by ${stay.rule}`);
    printLine(`Database: ${database}. Backups may have the keys until: ${backups ?? 'unknown'}.`);
    for (const { seq, hash } of events) printLine(`event ${seq}: hash ${toBase64(hash)}; compare it with the log`);
  }
  for (const { code, line } of findings)
    printLine(`${code}${line === null ? '' : ` in line ${line}`}: ${SENTENCES[code]}`);
  printLine(findings.length === 1 ? '1 finding.' : `${findings.length} findings.`);
}

/** The certificate with its events by hash: their bytes are in the file. */
function toJson({ log, certificate, events, findings }: CheckedCertificate): object {
  const shown = (of: readonly CertifiedEvent[]): object[] =>
    events
      .filter((one) => of.some(({ seq }) => seq === one.seq))
      .map(({ seq, hash, ts }) => ({ index: seq, hash: toBase64(hash), ts }));
  return {
    log,
    findings: findings.map((one) => ({ ...one, sentence: SENTENCES[one.code] })),
    certificate:
      certificate === null
        ? null
        : { ...certificate, events: shown(certificate.events), corrections: shown(certificate.corrections) },
  };
}
