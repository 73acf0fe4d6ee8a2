// Command that holds the log of AWS KMS against exported logs: needs no vault, configuration or database.
import type { Command } from 'commander';
import { hasCode, VaultError } from '../../errors.ts';
import { type KeyLedger, keyLedger } from '../../model/log/key-service/key-ledger.ts';
import { type KmsCall, readKmsCall, recordTime } from '../../model/log/key-service/kms-call.ts';
import { type KmsCode, type KmsNotice, type Reconciled, reconcile } from '../../model/log/key-service/reconcile.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { printJson, printLine } from '../support/with-vault.ts';
import { cloudTrailRecords } from './cloudtrail-files.ts';
import { openExport } from './export-folder.ts';
import { readHead } from './verify-export.ts';

type Options = {
  readonly cloudtrail: readonly string[];
  readonly source: readonly string[];
  readonly role: readonly string[];
  readonly deployment?: string;
  readonly json: boolean;
};

/** As `log verify`. */
const FOUND = 1;
const UNUSABLE = 2;

const FINDINGS: Readonly<Record<KmsCode, string>> = {
  kms_foreign: 'Another role used the key.',
  kms_moved: 'A key was re-encrypted for something else than its next generation.',
  kms_unexplained: 'No event accounts for this use of the key.',
  kms_silent: 'The session served bytes, and the key service has no call for it.',
};

const NOTICES: Readonly<Record<KmsNotice, string>> = {
  not_judged: 'Calls are of the newest hour, or of hours that the log has not counted yet: reconcile them later.',
  other_tenant: 'Calls are for tenants whose log was not given (--source).',
  data_key_unused: 'Data keys were made for no upload in the log: a test, or an upload that failed at once.',
  volume: 'Sessions are of a tenant that has used volume mode, where playing needs no call: not judged.',
  challenge_unchecked: 'Proofs of a key need the deployment’s log, which says when the doctor ran (--deployment).',
};

/** Registers `callvault log reconcile`. */
export function logReconcileCommand(log: Command): void {
  log
    .command('reconcile')
    .description('hold the log of AWS KMS against exported logs: every use of a key must have its event')
    .requiredOption('--cloudtrail <path...>', 'log files of CloudTrail, or folders of them')
    .requiredOption('--source <folder...>', 'exports of the tenants’ logs, checked with log verify')
    .requiredOption('--role <arn...>', 'the IAM roles of callvault')
    .option('--deployment <folder>', 'an export of the deployment’s log')
    .option('--json', 'print one JSON object', false)
    .action((options: Options) => {
      try {
        const result = reconcileFiles(options);
        if (options.json) printJson(documentOf(result));
        else print(result);
        process.exitCode = result.findings.length === 0 ? 0 : FOUND;
      } catch (error) {
        if (!hasCode(error, 'malformed')) throw error;
        process.stderr.write(`callvault: ${error.message}\n`);
        process.exitCode = UNUSABLE;
      }
    });
}

/** What was judged, and from when until when the files of CloudTrail go. */
export type ReconciledFiles = Reconciled & { readonly from: number; readonly to: number };

/** Holds the files against the exports. Throws `malformed` for what cannot be read. */
export function reconcileFiles({ cloudtrail, source, role, deployment }: Omit<Options, 'json'>): ReconciledFiles {
  const roles = new Set(role.map(requireArn));
  const ledgers = new Map<string, KeyLedger>();
  for (const folder of source) {
    const { tenant, ledger } = ledgerOf(folder);
    if (ledgers.has(tenant)) throw new VaultError('malformed', `${folder} is another export of ${tenant}`);
    ledgers.set(tenant, ledger);
  }
  const calls: KmsCall[] = [];
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const record of cloudTrailRecords(cloudtrail)) {
    const at = recordTime(record);
    if (at === null) continue;
    from = Math.min(from, at);
    to = Math.max(to, at);
    const call = readKmsCall(record);
    if (call !== null) calls.push(call);
  }
  if (to < from) throw new VaultError('malformed', 'the files of CloudTrail have no record with a time');
  const operators = deployment === undefined ? null : ledgerOf(deployment).ledger;
  return { ...reconcile({ calls, ledgers, deployment: operators, roles, from, to }), from, to };
}

function ledgerOf(folder: string): { readonly tenant: string; readonly ledger: KeyLedger } {
  const opened = openExport(folder);
  const { log } = readHead(opened.head, `${folder}/checkpoint`);
  const ledger = keyLedger();
  for (const { index, leaf: bytes } of opened.leaves()) {
    const leaf = readLeaf(bytes);
    if (leaf?.log !== log) throw new VaultError('malformed', `event ${index} of ${folder} is not one of ${log}`);
    ledger.add(leaf, index);
  }
  return { tenant: log.slice(log.lastIndexOf('/') + 1), ledger };
}

function requireArn(text: string): string {
  if (/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/.test(text)) return text;
  throw new VaultError('malformed', `--role ${text} is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME`);
}

function documentOf({ calls, findings, notices, from, to }: ReconciledFiles): object {
  return {
    ...{ calls, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    findings: findings.map((one) => ({ ...one, at: new Date(one.at).toISOString(), sentence: FINDINGS[one.code] })),
    notices: [...notices].map(([code, count]) => ({ code, count, sentence: NOTICES[code] })),
  };
}

function print({ calls, findings, notices, from, to }: ReconciledFiles): void {
  const [first, last] = [new Date(from).toISOString(), new Date(to).toISOString()];
  printLine(`${calls} calls for keys of callvault; the records are from ${first} to ${last}.`);
  for (const { code, id, at, tenant, about } of findings)
    printLine(`${code} ${new Date(at).toISOString()} ${tenant} ${about} ${id}: ${FINDINGS[code]}`);
  for (const [code, count] of notices) printLine(`note: ${count}: ${NOTICES[code]} (${code})`);
  printLine(findings.length === 1 ? '1 finding.' : `${findings.length} findings.`);
}
