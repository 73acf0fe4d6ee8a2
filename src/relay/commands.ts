// Commands of the relay, for its own file and for `callvault relay`.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { checkRelay } from './check.ts';
import { CONFIG_FILE, readRelayConfig } from './config.ts';
import { faultyFiles } from './faulty-files.ts';
import { rulesOf } from './find-calls.ts';
import { keyFileOf } from './folders.ts';
import { acceptCandidate, keyFingerprint } from './ingest-key.ts';
import { readKeptKeys, writeKeptKeys } from './kept-keys.ts';
import { nodeFiles } from './node-files.ts';
import type { Log } from './ports.ts';
import { factsBy } from './read-facts.ts';
import { discardRejected, listRejected, retryRejected } from './rejected.ts';
import { runRelay } from './run.ts';
import { readStatus, type Status } from './status.ts';

type ConfigOption = { readonly config: string };

/** Registers the commands on a program or on a group of it. */
export function addRelayCommands(group: Command): void {
  const command = (name: string, description: string): Command =>
    group.command(name).description(description).option('--config <file>', 'configuration of the relay', CONFIG_FILE);
  command('run', 'seal and upload calls until SIGTERM').action(({ config }: ConfigOption) =>
    withSignal((signal) => runRelay(readRelayConfig(config), logLine, signal)),
  );
  command('check', 'try everything that the relay needs; exit with 1 for a problem').action(
    async ({ config }: ConfigOption) => {
      const steps = await withSignal((signal) => checkRelay(readRelayConfig(config), signal));
      for (const { step, ok, detail } of steps) print(`${ok ? '✓' : '✗'} ${step}: ${detail}`);
      if (!steps.every(({ ok }) => ok)) process.exitCode = 1;
    },
  );
  command('status', 'show what waits and what needs a person; exit with 1 for an alarm')
    .option('--json', 'print JSON')
    .action(async ({ config, json }: ConfigOption & { readonly json?: true }) => {
      const status = await readStatus(readRelayConfig(config));
      for (const line of json === true ? [JSON.stringify(status)] : statusLines(status)) print(line);
      if (!status.ok) process.exitCode = 1;
    });
  command('files', 'list the files in the folders that cannot be sealed, and why; exit with 1 for any').action(
    async ({ config: file }: ConfigOption) => {
      const config = readRelayConfig(file);
      const facts = factsBy(config, Date.now);
      const faulty = await faultyFiles({ files: nodeFiles, rules: rulesOf(config), facts, now: Date.now });
      for (const one of faulty) print(JSON.stringify(one));
      if (faulty.length > 0) process.exitCode = 1;
    },
  );
  command('keys', 'show the ingest key that the relay seals to, and one that waits to be accepted').action(
    async ({ config }: ConfigOption) => {
      const { current, candidate } = await readKeptKeys(keyFileOf(readRelayConfig(config).spool));
      for (const [name, key] of Object.entries({ current, candidate }))
        if (key !== null) print(`${name}  ${key.id}  created ${key.created}  fingerprint ${keyFingerprint(key)}`);
    },
  );
  command('accept-key <id>', 'seal to the ingest key that waits to be accepted').action(
    async (id: string, { config }: ConfigOption) => {
      const file = keyFileOf(readRelayConfig(config).spool);
      const kept = acceptCandidate(await readKeptKeys(file), id);
      if (kept === null) throw new VaultError('not_found', 'no ingest key of this id waits to be accepted');
      await writeKeptKeys(file, kept);
      print('accepted; a running relay uses it within 15 seconds');
    },
  );
  command('rejected', 'list the calls that the vault rejected').action(async ({ config }: ConfigOption) => {
    for (const call of await listRejected(readRelayConfig(config).spool)) print(JSON.stringify(call));
  });
  command('retry [id]', 'upload a rejected call again, or all of them').action(
    async (id: string | undefined, { config }: ConfigOption) => {
      print(`${await retryRejected(readRelayConfig(config).spool, id ?? null)} in the spool again`);
    },
  );
  command('discard <id>', 'delete a rejected call for good').action(async (id: string, { config }: ConfigOption) => {
    await discardRejected(readRelayConfig(config).spool, id);
    print('deleted');
  });
}

function statusLines({ running, waiting, sealed, rejected, last_upload, alarms }: Status): readonly string[] {
  return [
    `running      ${running ? 'yes' : 'no'}`,
    ...(waiting === null ? [] : [`not sealed   ${waiting.calls} calls, ${waiting.bytes} bytes`]),
    `sealed       ${sealed.calls} calls, ${sealed.bytes} bytes${sealed.oldest === null ? '' : `, oldest from ${sealed.oldest}`}`,
    `rejected     ${rejected.calls} calls, ${rejected.bytes} bytes`,
    `last upload  ${last_upload ?? 'none since the start'}`,
    ...alarms.map(({ alarm, count, meaning }) => `ALARM ${alarm} (${count}): ${meaning}`),
  ];
}

/** Runs work with a signal that SIGTERM and SIGINT fire. */
async function withSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end);
  }
}

const logLine: Log = (event, values = {}) => {
  print(JSON.stringify({ time: new Date().toISOString(), event, ...values }));
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
