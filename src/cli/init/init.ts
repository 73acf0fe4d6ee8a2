// callvault init: sets a first deployment up, from nothing to "upload a call and listen to it".
import type { Command } from 'commander';
import { compose } from '../../compose.ts';
import { KEY_FORMS } from '../../config/keys.ts';
import { copyEnvironment, readConfig, secrets } from '../../config.ts';
import { setUpDeployment } from '../../vault/tenants/first-setup.ts';
import { keepProcessAlive } from '../support/stop-signal.ts';
import { consoleUrl, databaseDamaged, operatorOf, printJson, printLine } from '../support/with-vault.ts';
import { type AskQuestion, completeAnswers, type InitAnswers } from './answers.ts';
import { createSignInLinks, createUploaderKey } from './credentials.ts';
import { type InitResult, reportLines } from './report.ts';
import { type DeploymentOptions, prepareDeployment } from './settings.ts';

type Options = Partial<InitAnswers> &
  Omit<DeploymentOptions, 'folder'> & { readonly auditor?: string; readonly timeZone?: string; readonly json?: true };

const INIT_MS = 120_000;

/** Adds the command. */
export function initCommand(program: Command): void {
  program
    .command('init [folder]')
    .description('set up a first deployment: env file, tenant, people, service, API key and sign-in links')
    .option('--tenant <name>', 'the first tenant: the organisation whose calls are kept')
    .option('--country <code>', 'its country, for phone numbers without a country code, e.g. GB')
    .option('--default-basis <kind>', 'legal basis of recordings that name none (none: quarantined)')
    .option('--time-zone <name>', 'how its people read times, e.g. Europe/London; else that of its country')
    .option('--admin <name>', 'who manages people and API keys')
    .option('--approver <name>', 'who decides on requests to listen; may approve at once')
    .option('--reviewer <name>', 'who requests and listens: another person')
    .option('--auditor <name>', 'who reads the log and hears nothing')
    .option('--service <name>', 'the telephony platform that uploads')
    .option('--url <url>', 'the address that browsers see (default: http://localhost:8787)')
    .option('--origin <name>', "the deployment's name in its log, for good (default: the host of the URL)")
    .option('--operator <code>', 'who gives commands: a staff code, never a name (default: op-1)')
    .option('--database <url>', 'sqlite:PATH or postgres://… (default: SQLite in the folder)')
    .option('--store <url>', 'folder:PATH or s3://… (default: in the folder)')
    .option('--keys <url>', `${KEY_FORMS} (default: a keyring in the folder)`)
    .option('--root-key <file>', "the keyring's root key (default: root/root.key in the folder)")
    .option('--json', 'one JSON object for machines')
    .action(async (folder: string | undefined, options: Options) => {
      const answers = await completeAnswers(options, await createAsk());
      const { file, variables, again } = await prepareDeployment(
        { ...options, folder: folder ?? 'callvault-data' },
        copyEnvironment(),
      );
      const config = readConfig({ ...secrets(), ...variables });
      const by = operatorOf(config);
      const url = consoleUrl(config);
      const { vault, close } = await compose(config, databaseDamaged);
      try {
        await keepProcessAlive(async () => {
          const request = { signal: vault.clock.deadline(INIT_MS) };
          const { auditor, timeZone } = options;
          const made = await setUpDeployment(vault, by, { ...answers, auditor, timeZone }, request);
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
          };
          if (options.json === true) printJson(outcome);
          else for (const line of reportLines(outcome)) printLine(line);
        });
      } finally {
        await close();
      }
    });
}

/** Asks where a person is at a terminal. */
async function createAsk(): Promise<AskQuestion | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  return (await import('./ask.ts')).askAtTerminal;
}
