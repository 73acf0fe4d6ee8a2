// Command that compares blobs, envelopes and rows; exits with 1 after any finding or unchecked deposit.
import type { Command } from 'commander';
import { DEPLOYMENT } from '../vault/core/events/events.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import { selectTenants } from '../vault/core/tenants/select-tenants.ts';
import type { Vault } from '../vault/core/vault.ts';
import { checkPeople } from '../vault/verify/check-people.ts';
import type { Finding } from '../vault/verify/finding.ts';
import { type VerifyResult, verifyTenantData } from '../vault/verify/verify.ts';
import { wholeNumber } from './support/options.ts';
import { createProgress, type Progress } from './support/progress.ts';
import { sayMarkSet, withVaultUntilStopped } from './support/with-vault.ts';

type Options = {
  readonly tenant?: string;
  readonly sample: string;
  readonly all: boolean;
  readonly quarantine: boolean;
  readonly json: boolean;
};

/** Registers `callvault verify`. */
export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compare blobs, envelopes and rows; exits with 1 if anything is wrong or could not be checked')
    .option('--tenant <id>', 'only this tenant, or only the people of the deployment: “deployment” (default: all)')
    .option('--sample <n>', 'number of random deposits of each tenant whose every chunk is opened', '100')
    .option('--all', 'open every chunk of every deposit', false)
    .option('--quarantine', 'quarantine recordings whose bytes do not open, and release those that open again', false)
    .option('--json', 'print one JSON object per finding, and one per tenant at its end', false)
    .action(verify);
}

async function verify({ tenant: id, sample: given, all, quarantine, json }: Options): Promise<void> {
  const sample = all ? Number.POSITIVE_INFINITY : wholeNumber(given, '--sample', 0);
  // Heads of logs that the command itself set right when it wrote, before it could compare them.
  const setRight = new Set<string>();
  const markSet = (log: string): void => {
    setRight.add(log);
    sayMarkSet(log);
  };
  await withVaultUntilStopped(
    async ({ vault }, by, request) => {
      if (id === undefined || id === DEPLOYMENT) await verifyPeople(vault, setRight, json, request);
      if (id === DEPLOYMENT) return;
      for (const tenant of await selectTenants(vault, id, request)) {
        const progress = createProgress({ json });
        const listener = {
          total: progress.total,
          step: progress.step,
          found: (finding: Finding) => progress.note(json ? JSON.stringify(finding) : lineOf(finding)),
        };
        try {
          const done = await verifyTenantData(vault, by, tenant, { sample, quarantine, setRight }, listener, request);
          summarise(progress, done, json);
          if (done.findings + done.notChecked > 0) process.exitCode = 1;
        } finally {
          progress.end();
        }
      }
    },
    { compares: true, markSet },
  );
}

/** The deployment has no recordings: only the rows of its people are compared with its log. */
async function verifyPeople(
  vault: Vault,
  setRight: ReadonlySet<string>,
  json: boolean,
  request: RequestContext,
): Promise<void> {
  const found = await checkPeople(vault, request);
  if (setRight.has(DEPLOYMENT)) found.push({ kind: 'mark_differs', tenant: DEPLOYMENT });
  const progress = createProgress({ json });
  for (const finding of found) progress.note(json ? JSON.stringify(finding) : lineOf(finding));
  const [sign, what] = found.length === 0 ? ['✓', 'nothing wrong'] : ['✗', `${found.length} found`];
  // A line of JSON at the end is of a tenant.
  if (!json) progress.note(`${sign} ${DEPLOYMENT}  operators and auditors, ${what}`);
  progress.end();
  if (found.length > 0) process.exitCode = 1;
}

function summarise(progress: Progress, done: VerifyResult, json: boolean): void {
  progress.end();
  if (json) {
    const { tenant, deposits, opened, notChecked, quarantined, released, findings, kinds } = done;
    const summary = { tenant, deposits, opened, not_checked: notChecked, quarantined, released, findings, kinds };
    progress.note(JSON.stringify({ summary: summary }));
    return;
  }
  const { tenant, deposits, opened, notChecked, quarantined, released, findings } = done;
  const kinds = Object.entries(done.kinds).map(([kind, n]) => `${n} ${kind}`);
  const what = findings === 0 ? 'nothing wrong' : `${findings} found: ${kinds.join(', ')}`;
  const more = [
    notChecked > 0 ? `${notChecked} could not be checked` : '',
    quarantined > 0 ? `${quarantined} quarantined` : '',
    released > 0 ? `${released} released` : '',
  ].filter((text) => text !== '');
  const sign = findings + notChecked === 0 ? '✓' : '✗';
  progress.note(
    [
      `${sign} ${tenant}  ${deposits} ${deposits === 1 ? 'deposit' : 'deposits'}, ${opened} opened, ${what}`,
      ...more,
    ].join(', '),
  );
}

function lineOf({ kind, tenant, recording, deposit, object, path, subject, n, row, index, why }: Finding): string {
  const of = n === undefined ? [recording, deposit, object] : [subject, `entry ${n}`];
  const named = row === undefined ? of : [row, subject];
  const ids = index === undefined ? named : [...(row === undefined ? [tenant] : named), `event ${index}`];
  const where = path ?? ids.filter((text) => text !== undefined).join(' ');
  return `✗ ${kind.padEnd(20)} ${where === '' ? tenant : where}${why === undefined ? '' : `  (${why})`}`;
}
