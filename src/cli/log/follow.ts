// Command that follows a log over HTTP and prints its events, one a line, for forwarders.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { VaultError } from '../../errors.ts';
import { wholeNumber } from '../support/options.ts';
import { STOPPED, withStopSignal } from '../support/stop-signal.ts';
import { unwritable } from '../support/unwritable.ts';
import { apiKeyIn } from './fetch.ts';
import { FORMATS, type Follower, type Format, followLog, type Position } from './follow-log.ts';
import { logClient } from './log-client.ts';

type Options = {
  readonly apiKeyFile: string;
  readonly state: string;
  readonly format: Format;
  readonly every: string;
  readonly from: string;
  readonly once: boolean;
};

/** Registers `callvault log follow`. */
export function logFollowCommand(log: Command): void {
  log
    .command('follow <url>')
    .description('print the events of a log as they come, one a line, each once; stops at a signal and goes on later')
    .requiredOption('--api-key-file <file>', 'a file with the API key of an auditor, or of a service that is one')
    .requiredOption('--state <file>', 'where it keeps how far it came')
    .addOption(
      new Option('--format <format>', 'leaves: exact events; ocsf: OCSF 1.8.0').choices(FORMATS).default('leaves'),
    )
    .option('--from <index>', 'the first event, where the state is new', '0')
    .option('--every <seconds>', 'how often it asks where nothing is new', '10')
    .option('--once', 'end where nothing is new', false)
    .action((url: string, options: Options) =>
      withStopSignal(async (signal) => {
        const every = wholeNumber(options.every, '--every', 1) * 1000;
        const from = wholeNumber(options.from, '--from', 0);
        const client = logClient(url, await apiKeyIn(options.apiKeyFile), signal);
        const start = positionIn(options.state) ?? { next: from, last: null };
        try {
          await followLog(client, start, { ...options, every }, followerOf(options.state, signal));
        } catch (error) {
          // A signal ends a command that would go on for ever.
          if (signal.reason !== STOPPED) throw error;
        }
      }),
    );
}

function followerOf(state: string, signal: AbortSignal): Follower {
  let said = '';
  return {
    take: async (lines) => {
      said = '';
      await print(`${lines.join('\n')}\n`);
    },
    keep: async (position) => keepPosition(state, position),
    wait: (milliseconds) => setTimeout(milliseconds, undefined, { signal }),
    failed: (message) => {
      if (message !== said) process.stderr.write(`callvault: ${message}; trying again\n`);
      said = message;
    },
  };
}

/** Writes to stdout, and waits until it is taken. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** The position in a state file; null where there is no file. Throws `malformed` for another file. */
function positionIn(path: string): Position | null {
  if (!existsSync(path)) return null;
  const { next, last } = readState(path) ?? {};
  if (typeof next === 'number' && Number.isSafeInteger(next) && next > 0 && isLast(last)) return { next, last };
  throw new VaultError('malformed', `${path} is not a state of log follow`);
}

function readState(path: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

function isLast(last: unknown): last is NonNullable<Position['last']> {
  const { log, hash } = (last ?? {}) as Readonly<Record<string, unknown>>;
  return typeof log === 'string' && typeof hash === 'string';
}

/** Replaces the file in one step: a crash leaves the old one or the new one. Throws `conflict` where it cannot be written. */
function keepPosition(path: string, position: Position): void {
  const made = `${path}.new`;
  try {
    writeFileSync(made, `${JSON.stringify(position)}\n`, { flush: true });
    renameSync(made, path);
  } catch (cause) {
    throw unwritable('the state', path, cause);
  }
}
