// Text that `callvault init` prints: the accounts it created and the next steps.
import { dirname, relative } from 'node:path';
import type { FirstPrincipal } from '../../vault/tenants/first-setup.ts';
import { commandName } from '../support/command-name.ts';
import { shellWord } from '../support/shell-word.ts';
import type { KeyFile, PersonalLink } from './credentials.ts';

export type InitResult = {
  readonly again: boolean;
  readonly env: string;
  readonly url: string;
  readonly tenant: string;
  readonly name: string;
  readonly principals: readonly FirstPrincipal[];
  readonly key: KeyFile;
  readonly links: readonly PersonalLink[];
  /** Whether checkpoints of the logs are kept in an anchor. */
  readonly anchored: boolean;
  /** The keys that verify what the signer signs in the deployment's log. */
  readonly verifiers: readonly string[];
};

/** What to back up, by the engine of the tenants' keys. */
const BACKUP = {
  keyring:
    'Back up the root key separately from the data: no recording opens without it, and anyone with both can open all of them.',
  kms: 'Do not delete the KMS keys: no recording opens without them.',
  pkcs11: 'Back up the token of the HSM: no recording opens without its keys.',
} as const;

const NOT_ANCHORED =
  'The logs have no anchor: set CALLVAULT_ANCHOR (--anchor) to a place on another machine or of another account, where checkpoints of the logs outlive this machine.';

/** Lines for people. */
export function reportLines(
  { again, env, url, tenant, name, principals, key, links, verifiers, anchored }: InitResult,
  keys: keyof typeof BACKUP,
): string[] {
  const at = shortPath(env);
  const width = Math.max(name.length, ...principals.map((one) => one.name.length));
  const row = (as: string, who: string, id: string) => `  ${as.padEnd(9)} ${who.padEnd(width)}  ${id}`;
  const command = (words: string) => `${commandName()} ${words} --env-file ${at}`;
  return [
    '',
    `callvault is ${again ? 'still ' : ''}set up in ${dirname(env)}.`,
    '',
    row('tenant', name, tenant),
    ...principals.map(({ as, name: who, id }) => row(as, who, id)),
    '',
    'Next:',
    '',
    '1. Start the service:',
    '',
    `   ${command('serve')}`,
    '',
    `2. In another terminal, upload a call. ${shortPath(key.file)} has the API key of the service${key.expires === null ? '' : `, valid until ${key.expires.slice(0, 10)}`}:`,
    '',
    `   curl -sS --fail-with-body -K ${shortPath(key.file)} -T CALL.wav ${url}/v1/ingest/telephony/CALL-ID`,
    '',
    '3. Sign in. Each person opens their link in a separate browser or private window; it works once, within 60 minutes:',
    '',
    ...links.map(({ as, name: who, link }) =>
      link === null ? `   ${as}, ${who}: signs in with a passkey` : `   ${as}, ${who}\n     ${link}`,
    ),
    '',
    `   A new link: ${command(`people link usr_… --tenant ${tenant}`)}`,
    '',
    '4. As the reviewer, find the call and request access. As the approver, approve. As the reviewer, listen.',
    '',
    BACKUP[keys],
    'Back up the signer (the file of CALLVAULT_SIGNER) too: without it no log can be sealed any more.',
    'Note its verifier key outside this machine: with it, auditors check the logs and relays the keys that they seal to.',
    '',
    ...verifiers.map((verifier) => `  ${verifier}`),
    ...(anchored ? [] : ['', NOT_ANCHORED]),
    '',
  ];
}

/** Shortest path to type in a shell from the current folder. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  const short = near.startsWith('..') ? path : near;
  return shellWord(short);
}
