// Text that the running demo prints: its address, the keys, and the story as lines for a shell.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { shellWord } from '../../src/cli/support/shell-word.ts';
import { ingestPath } from './calls.ts';
import type { SignInLink } from './console.ts';
import { contractOf } from './day.ts';
import { callOf, ENGLISH } from './deposit-steps.ts';
import { type DemoWorld, required } from './world.ts';

/** Lines that set the address and the API keys; the values need no quotes in any shell. */
export function exportLines(world: DemoWorld): string[] {
  const lines = [`export V=${world.base}`];
  for (const [tenant, prefix] of [
    ['harbour', ''],
    ['yunhai', 'YUNHAI_'],
  ] as const) {
    for (const [role, key] of Object.entries(required(world.tenants, tenant).keys))
      lines.push(`export ${prefix}${role.toUpperCase()}=${key}`);
  }
  const { language } = callOf(world, ENGLISH);
  lines.push(`export REC=${required(world.recordings, ENGLISH)} LANGUAGE_OF_REC=${language}`);
  return lines;
}

/** Variables of the service, for commands. Without CALLVAULT_LISTEN, which would collide with another demo. */
function serviceLines({ environment }: DemoWorld): string[] {
  const named = Object.entries(environment).filter(([name]) => /^CALLVAULT_(?!NODE$|.*LISTEN$)/.test(name));
  return named.map(([name, value = '']) => `export ${name}=${shellWord(value)}`);
}

/** File of shell lines, and a function that removes it when the demo ends. */
export type ExportsFile = { readonly file: string; readonly remove: () => Promise<void> };

/**
 * Writes both to `demo.env`, mode 0600: in the current folder, so that docs can name its path; in the data folder if
 * one was given, or if another demo uses the file.
 */
export async function writeExports(world: DemoWorld): Promise<ExportsFile> {
  const text = [...exportLines(world), ...serviceLines(world), ''].join('\n');
  const here = resolve('demo.env');
  if (world.keepsData || (await isInUse(here))) {
    await writeFile(world.paths.exports, text, { mode: 0o600, flag: 'wx' });
    return { file: world.paths.exports, remove: async () => undefined };
  }
  await rm(here, { force: true });
  await writeFile(here, text, { mode: 0o600, flag: 'wx' });
  return { file: here, remove: () => rm(here, { force: true }) };
}

/** Whether the demo that wrote this file still answers. */
async function isInUse(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const base = /^export V=(http:\S+)$/m.exec(text)?.[1];
  if (base === undefined) return false;
  return fetch(`${base}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

const ANSWER_MS = 2_000;

const auth = (who: string): string => `-H "Authorization: Bearer $${who}"`;
const JSON_TYPE = "-H 'Content-Type: application/json'";
const first = (kind: string): string => `grep -o '${kind}_[0-9a-z]*' | head -1`;

/** The story as shell lines, in order; each needs those before it. */
export function storyLines(world: DemoWorld): readonly (readonly [what: string, ...lines: string[]])[] {
  const call = callOf(world, ENGLISH);
  const path = `$V${ingestPath(call).replace(call.call_id, 'my-call-1')}`;
  const ask =
    '{\\"recording\\":\\"$REC\\",\\"purpose\\":\\"quality\\",\\"reason\\":\\"weekly sample\\",\\"minutes\\":15}';
  return [
    [
      'Upload a call with one request, from the repository’s folder (the same bytes again: 200, others: 422)',
      `curl -sS -T scripts/samples/${call.file} ${auth('UPLOADER')} -H 'Content-Type: audio/wav' -H 'Vault-Meta-From: ${encodeURIComponent(call.from)}' ${path}`,
    ],
    [
      'Set facts of it later, as a call detail record does, and see what is stored',
      `curl -sS -X PATCH ${auth('UPLOADER')} ${JSON_TYPE} -d '{"wrap_up":"card blocked","interaction":"C-1"}' ${path}`,
      `curl -sS ${auth('UPLOADER')} ${path}`,
    ],
    [
      'List, and find by a number as people write it',
      `curl -sS ${auth('REVIEWER')} $V/v1/recordings`,
      `curl -sS ${auth('REVIEWER')} ${JSON_TYPE} -d '{"number":"020 7946 0123"}' $V/v1/recordings/search`,
    ],
    [
      'May I listen to it, and if not, why not?',
      `curl -sS ${auth('REVIEWER')} "$V/v1/recordings/$REC/access?purpose=quality"`,
    ],
    [
      'The reviewer requests access, the supervisor approves: by API key, which the demo’s tenants allow (tenants create --api-key-decisions)',
      `Q=$(curl -sS ${auth('REVIEWER')} ${JSON_TYPE} -d "${ask}" $V/v1/access-requests | ${first('req')}); echo $Q`,
      `G=$(curl -sS -X POST ${auth('SUPERVISOR')} $V/v1/access-requests/$Q/approve | ${first('grt')}); echo $G`,
    ],
    [
      'Open a listening session; fetch a range, then the whole call, then its transcript',
      `S=$(curl -sS -X POST ${auth('REVIEWER')} $V/v1/grants/$G/sessions | ${first('ses')}); echo $S`,
      `curl -sS -r 0-43 ${auth('REVIEWER')} $V/v1/sessions/$S/media | od -c | head -3`,
      `curl -sS ${auth('REVIEWER')} $V/v1/sessions/$S/media | cmp - scripts/samples/${call.file} && echo the same bytes`,
      `curl -sS ${auth('REVIEWER')} $V/v1/sessions/$S/transcripts/$LANGUAGE_OF_REC`,
    ],
    [
      'Revoke the grant: the next range is denied',
      `curl -sS -X POST ${auth('SUPERVISOR')} $V/v1/grants/$G/revoke`,
      `curl -sS -r 0-43 ${auth('REVIEWER')} $V/v1/sessions/$S/media`,
    ],
    ['Read the log, as only the auditor may', `curl -sS ${auth('AUDITOR')} "$V/v1/audit/events?limit=1000"`],
  ];
}

/** Sign-in links: first the two that the story needs, of each tenant, then the others. */
function signInLines(links: readonly SignInLink[]): string[] {
  const line = ({ name, role, of, link }: SignInLink): string => `  ${role.padEnd(10)} ${name}, ${of}\n    ${link}`;
  const two = (one: SignInLink): boolean => one.role === 'reviewer' || one.role === 'supervisor';
  return [
    '',
    'In the browser: open the reviewer’s link, find a call and request access. Open the supervisor’s link in a private',
    'window or another browser, and approve. Then listen. Each link works once, within a day.',
    '',
    'Some facts came later. Listen to the call that the reviewer may already hear: the player hatches a pause, Details lists',
    'the other leg of the contact, and Changes shows who corrected the agent, and why. To find that call by its contract,',
    `type ${contractOf('en')}, or ${contractOf('zh-CN')} at 云海旅行, into the search box and choose “contract”.`,
    '',
    'Harbour Bank has two teams. A second supervisor assigned a call to the reviewer: My queue plays it with one key, without',
    'a request. Supervisors select calls in Recordings and assign them; Assignments shows how far each reviewer is.',
    '',
    ...links.filter(two).map(line),
    '',
    'The other roles:',
    '',
    ...links.filter((one) => !two(one)).map(line),
  ];
}

/** The whole text. */
export function screenText(world: DemoWorld, links: readonly SignInLink[], exports: string): string {
  const near = relative('.', exports);
  const names = [...world.tenants.values()].map(({ name }) => name).join(' and ');
  const story = storyLines(world).flatMap(([what, ...lines]) => ['', `  # ${what}`, ...lines.map((l) => `  ${l}`)]);
  return [
    '',
    `callvault is running at ${world.environment['CALLVAULT_URL'] ?? world.base}, with a day of calls of ${names}.`,
    ...signInLines(links),
    '',
    `In another shell, from this folder: . ${near.startsWith('..') ? exports : `./${near}`}`,
    'It sets the address V and API keys: UPLOADER, REVIEWER, SUPERVISOR, AUDITOR, ADMIN and PRIVACY of',
    'Harbour Bank, YUNHAI_… of 云海旅行.',
    'Commands then work on this vault too: node scripts/callvault.js tenants list',
    ...story,
    '',
    `Data: ${world.paths.data} (vault.db, store/ with ciphertext, keyring.json, service.log);`,
    `the root key is in ${world.paths.root}.`,
    '',
    world.keepsData ? 'Ctrl-C ends it and keeps its data.' : 'Ctrl-C ends it and deletes its data.',
    '',
  ].join('\n');
}
