// Command that sets up a first deployment, from nothing to "upload a call and listen to it".
import type { Command } from 'commander';
import { KEY_FORMS } from '../../config/key-forms.ts';
import { logName } from '../../model/audit-event.ts';
import { DEPLOYMENT } from '../../vault/core/events/events.ts';
import { verifiersOf } from '../../vault/core/proofs/verifier-keys.ts';
import { createFirstIngestKey } from '../../vault/keys/ingest/create.ts';
import { setUpDeployment } from '../../vault/tenants/first-setup.ts';
import { type AnnouncementOptions, announcementFor } from '../support/announcement.ts';
import { createFirstSigner } from '../support/create-signer.ts';
import { keepProcessAlive } from '../support/stop-signal.ts';
import { composeForCommand, consoleUrl, operatorOf, printJson, printLine } from '../support/with-vault.ts';
import { type AskQuestion, completeAnswers, type InitAnswers } from './answers.ts';
import { createSignInLinks, createUploaderKey } from './credentials.ts';
import { type InitResult, reportLines } from './report.ts';
import type { DeploymentOptions } from './settings.ts';

type Options = Partial<InitAnswers> &
  Omit<DeploymentOptions, 'folder'> &
  AnnouncementOptions & { readonly auditor?: string; readonly timeZone?: string; readonly json?: true };

const INIT_MS = 120_000;

/** Registers `callvault init`. */
export function initCommand(program: Command): void {
  program
    .command('init [folder]')
    .description('set up a first deployment: env file, tenant, people, service, API key and sign-in links')
    .option('--tenant <name>', 'the first tenant: the organisation whose calls are stored')
    .option('--country <code>', 'country of the tenant, e.g. GB, for phone numbers without a country code')
    .option('--default-basis <kind>', 'legal basis of recordings uploaded without one (none: quarantine them)')
    .option(
      '--announcement <text>',
      'words that every caller hears before recording begins; without it, only calls that name consent open quality and training',
    )
    .option('--announcement-language <tag>', 'its language, e.g. zh-CN (default: en)')
    .option('--time-zone <name>', 'time zone of its people, e.g. Europe/London (default: that of its country)')
    .option('--admin <name>', 'name of the admin, who manages people and API keys')
    .option('--approver <name>', 'name of the approver, who decides on requests; no waiting period')
    .option('--reviewer <name>', 'name of the reviewer, who requests and listens; not the approver')
    .option('--privacy <name>', 'name of a privacy officer: policy, retention, holds, subject requests (optional)')
    .option('--auditor <name>', 'name of an auditor, who reads the log and cannot listen (optional)')
    .option('--service <name>', 'name of the telephony platform that uploads')
    .option('--url <url>', 'address that browsers use (default: http://localhost:8787)')
    .option('--origin <name>', 'permanent name of the deployment in its log (default: the host of the URL)')
    .option('--operator <code>', 'staff code of the operator, never a name (default: op-1)')
    .option('--database <url>', 'sqlite:PATH or postgres://… (default: SQLite in the folder)')
    .option('--store <url>', 'folder:PATH or s3://… (default: in the folder)')
    .option('--keys <url>', `${KEY_FORMS} (default: a keyring in the folder)`)
    .option('--root-key <file>', 'root key of the keyring (default: root/root.key in the folder)')
    .option('--signer <file>', 'key that signs the logs (default: signer/signer.pem in the folder)')
    .option('--anchor <url>', 'folder:PATH or s3://… for checkpoints of the logs, best on another machine or account')
    .option('--json', 'print one JSON object')
    .action(async (folder: string | undefined, options: Options) => {
      const ask = await createAsk();
      const answers = await completeAnswers(options, ask);
      const announcement = await announcementFor(options, answers.defaultBasis, ask);
      const { copyEnvironment, readConfig, secrets } = await import('../../config.ts');
      const { prepareDeployment } = await import('./settings.ts');
      const { file, variables, again } = await prepareDeployment(
        { ...options, folder: folder ?? 'callvault-data' },
        copyEnvironment(),
      );
      const config = readConfig({ ...secrets(), ...variables });
      const by = operatorOf(config);
      const url = consoleUrl(config);
      await createFirstSigner(config);
      const { vault, close } = await composeForCommand(config);
      try {
        await keepProcessAlive(async () => {
          const request = { signal: vault.clock.deadline(INIT_MS) };
          const { auditor, timeZone } = options;
          const made = await setUpDeployment(vault, by, { ...answers, auditor, timeZone, announcement }, request);
          await createFirstIngestKey(vault, by, made.tenant, request);
          const key = await createUploaderKey(vault, by, { ...made, beside: file }, request);
          const links = await createSignInLinks(vault, by, { ...made, url }, request);
          const outcome: InitResult = {
            again,
            env: file,
            url,
            ...made,
            name: answers.tenant,
            key,
            links,
            anchored: config.anchor !== null,
            verifiers: vault.signer === null ? [] : verifiersOf(vault.signer, logName(config.origin, DEPLOYMENT)),
          };
          if (options.json === true) printJson(outcome);
          else for (const line of reportLines(outcome, config.keys.engine)) printLine(line);
        });
      } finally {
        await close();
      }
    });
}

/** Function that asks, or null when no terminal is attached. */
async function createAsk(): Promise<AskQuestion | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  return (await import('./ask.ts')).askAtTerminal;
}
