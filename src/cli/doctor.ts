// Command that exercises every dependency and permission and prints one line for each step.
import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { VaultError } from '../errors.ts';
import { newKeyStepGroup } from '../vault/doctor/key-steps.ts';
import { runDoctor, type StepResult } from '../vault/doctor/run-doctor.ts';
import type { StepGroup } from '../vault/doctor/step.ts';
import { operatorStepGroups, processStepGroups, rewrapStepGroups } from '../vault/doctor/step-groups.ts';
import { printLine, withVault } from './support/with-vault.ts';

type Options = { readonly operator?: true; readonly rewrap?: true; readonly newKey: boolean };

const SIGNS: Readonly<Record<StepResult['state'], string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '·' };

/** Registers `callvault doctor`. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check database, store and keys by using them; exits with 1 if a step fails')
    .option(
      '--operator',
      'check what operator commands need instead of what the service needs; run it with their credentials',
    )
    .addOption(
      new Option('--rewrap', 'check what keys rewrap needs; run it with its credentials').conflicts('operator'),
    )
    .option('--new-key', 'also create a key, for no tenant; later runs reuse it', false)
    .action(({ operator, rewrap, newKey }: Options) =>
      withVault(
        async (vault, by, _request, config) => {
          const partsFor = operator ? operatorStepGroups : rewrap ? rewrapStepGroups : processStepGroups;
          const used = [await configurationGroup(), ...(await partsFor(vault, by))];
          const parts = newKey ? [...used, newKeyStepGroup(vault)] : used;
          const who = operator ? 'operator' : rewrap ? 'rewrap' : `role ${config.role}`;
          printLine(
            `callvault doctor · ${enginesOf(config, vault.keys.provider.title)} · ${who} · node ${config.node}`,
          );
          const widths = widthsOf(parts);
          const counts = { ok: 0, warning: 0, failed: 0, skipped: 0 };
          for await (const finding of runDoctor(vault, parts)) {
            counts[finding.state]++;
            printLine(lineOf(finding, widths));
          }
          printLine(summaryOf(counts));
          if (counts.failed > 0) process.exitCode = 1;
        },
        { compares: false },
      ),
    );
}

/** The step for misspelt variables, which the service ignores. */
async function configurationGroup(): Promise<StepGroup> {
  const { unknownInEnvironment } = await import('../config.ts');
  const { unknownVariableText } = await import('../config/unknown-variables.ts');
  const look = async (): Promise<string> => {
    const unknown = unknownInEnvironment();
    if (unknown.length === 0) return 'all are known';
    throw new VaultError('config_invalid', unknown.map(unknownVariableText).join('; '));
  };
  return { name: 'configuration', steps: [{ name: 'read the variables', run: look }] };
}

type Widths = readonly [part: number, step: number];

function widthsOf(parts: readonly StepGroup[]): Widths {
  const longest = (names: readonly string[]): number => Math.max(...names.map(({ length }) => length));
  return [longest(parts.map(({ name }) => name)), longest(parts.flatMap(({ steps }) => steps.map(({ name }) => name)))];
}

function lineOf({ group: part, step, state, detail }: StepResult, [first, second]: Widths): string {
  return `${SIGNS[state]} ${part.padEnd(first)}  ${step.padEnd(second)}  ${detail}`;
}

function summaryOf({ ok, warning, failed, skipped }: Readonly<Record<StepResult['state'], number>>): string {
  const all = ok + warning + failed;
  const more = [warning > 0 ? `${warning} warnings` : '', skipped > 0 ? `${skipped} skipped` : ''].filter(
    (text) => text !== '',
  );
  const what = failed === 0 ? `no step failed: ${all} checked` : `${failed} of ${all} steps failed`;
  return [`${failed === 0 ? SIGNS.ok : SIGNS.failed} ${what}`, ...more].join(', ');
}

/** The three engines, without the users and passwords of their addresses. */
function enginesOf({ database, store }: Config, keys: string): string {
  const at = (endpoint: string | null): string => (endpoint === null ? '' : ` at ${new URL(endpoint).host}`);
  const rows =
    database.engine === 'sqlite'
      ? `sqlite:${database.path}`
      : `postgres://${new URL(database.url).host}${new URL(database.url).pathname}`;
  const blobs =
    store.engine === 'folder'
      ? `folder:${store.path}`
      : `s3://${store.bucket}${store.prefix === '' ? '' : `/${store.prefix}`} in ${store.region}${at(store.endpoint)}`;
  return [rows, blobs, keys].join(' · ');
}
