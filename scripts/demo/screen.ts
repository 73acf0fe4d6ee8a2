// What the demo that stays up prints: where it listens, the keys, and the story as lines to paste into a shell.
import { writeFile } from 'node:fs/promises';
import { ingestPath } from './calls.ts';
import type { SignInLink } from './console.ts';
import { callOf, ENGLISH } from './deposit-steps.ts';
import { need, type World } from './world.ts';

/** The lines that a shell needs to speak to the service; the words are safe in any shell. */
export function exportLines(world: World): string[] {
  const lines = [`export V=${world.base}`];
  for (const [tenant, prefix] of [
    ['harbour', ''],
    ['yunhai', 'YUNHAI_'],
  ] as const) {
    for (const [role, key] of Object.entries(need(world.tenants, tenant).keys))
      lines.push(`export ${prefix}${role.toUpperCase()}=${key}`);
  }
  const { language } = callOf(world, ENGLISH);
  lines.push(`export REC=${need(world.recordings, ENGLISH)} LANGUAGE_OF_REC=${language}`);
  return lines;
}

/** The service's own variables, for commands. Not where it listens: that is its place, and no other demo's. */
function serviceLines({ environment }: World): string[] {
  const named = Object.entries(environment).filter(([name]) => /^CALLVAULT_(?!NODE$|.*LISTEN$)/.test(name));
  return named.map(([name, value = '']) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
}

/** Writes both to `demo.env` in the data folder, for the owner's eyes alone. */
export async function writeExports(world: World): Promise<void> {
  const lines = [...exportLines(world), ...serviceLines(world), ''];
  await writeFile(world.paths.exports, lines.join('\n'), { mode: 0o600, flag: 'wx' });
}

const auth = (who: string): string => `-H "Authorization: Bearer $${who}"`;
const JSON_TYPE = "-H 'Content-Type: application/json'";
const first = (kind: string): string => `grep -o '${kind}_[0-9a-z]*' | head -1`;

/** The story as shell lines, in order; each works once those before it have been run. */
export function storyLines(world: World): readonly (readonly [what: string, ...lines: string[]])[] {
  const call = callOf(world, ENGLISH);
  const ask =
    '{\\"recording\\":\\"$REC\\",\\"purpose\\":\\"quality\\",\\"reason\\":\\"weekly sample\\",\\"minutes\\":15}';
  return [
    [
      'Upload a call with one request, from the repository’s folder (the same bytes again: 200, others: 422)',
      `curl -sS -T scripts/samples/${call.file} ${auth('UPLOADER')} -H 'Content-Type: audio/wav' -H 'Vault-Meta-From: ${encodeURIComponent(call.from)}' $V${ingestPath(call).replace(call.call_id, 'my-call-1')}`,
    ],
    [
      'List, and find by a number as people write it',
      `curl -sS ${auth('REVIEWER')} $V/v1/recordings`,
      `curl -sS ${auth('REVIEWER')} ${JSON_TYPE} -d '{"number":"020 7946 0123"}' $V/v1/recordings/search`,
    ],
    [
      'May I hear it, and if not why not?',
      `curl -sS ${auth('REVIEWER')} "$V/v1/recordings/$REC/access?purpose=quality"`,
    ],
    [
      'The reviewer asks, the supervisor approves: by API key, which the demo’s tenants allow (tenants create --api-key-decisions)',
      `Q=$(curl -sS ${auth('REVIEWER')} ${JSON_TYPE} -d "${ask}" $V/v1/access-requests | ${first('req')}); echo $Q`,
      `G=$(curl -sS -X POST ${auth('SUPERVISOR')} $V/v1/access-requests/$Q/approve | ${first('grt')}); echo $G`,
    ],
    [
      'Open a listening session; hear a range, hear all of it, read it',
      `S=$(curl -sS -X POST ${auth('REVIEWER')} $V/v1/grants/$G/sessions | ${first('ses')}); echo $S`,
      `curl -sS -r 0-43 ${auth('REVIEWER')} $V/v1/sessions/$S/media | od -c | head -3`,
      `curl -sS ${auth('REVIEWER')} $V/v1/sessions/$S/media | cmp - scripts/samples/${call.file} && echo the same bytes`,
      `curl -sS ${auth('REVIEWER')} $V/v1/sessions/$S/transcripts/$LANGUAGE_OF_REC`,
    ],
    [
      'Revoke the grant: the next range is refused',
      `curl -sS -X POST ${auth('SUPERVISOR')} $V/v1/grants/$G/revoke`,
      `curl -sS -r 0-43 ${auth('REVIEWER')} $V/v1/sessions/$S/media`,
    ],
    ['Read the log, as only the auditor may', `curl -sS ${auth('AUDITOR')} "$V/v1/audit/events?limit=1000"`],
  ];
}

/** Who signs in by which link: first the two that the story needs, of each tenant, then the others. */
function signInLines(links: readonly SignInLink[]): string[] {
  const line = ({ name, role, of, link }: SignInLink): string => `  ${role.padEnd(10)} ${name}, ${of}\n    ${link}`;
  const two = (one: SignInLink): boolean => one.role === 'reviewer' || one.role === 'supervisor';
  return [
    '',
    'In the browser: open the reviewer’s link, find a call and ask for it; open the supervisor’s in a private window, or',
    'another browser, and approve; then listen. Each link works once, for a day.',
    '',
    ...links.filter(two).map(line),
    '',
    'The others of the house:',
    '',
    ...links.filter((one) => !two(one)).map(line),
  ];
}

/** The whole screen. */
export function screen(world: World, links: readonly SignInLink[]): string {
  const names = [...world.tenants.values()].map(({ name }) => name).join(' and ');
  const story = storyLines(world).flatMap(([what, ...lines]) => ['', `  # ${what}`, ...lines.map((l) => `  ${l}`)]);
  return [
    '',
    `callvault listens at ${world.base}, with ${world.calls.length} calls of ${names}.`,
    ...signInLines(links),
    '',
    'In another shell (the plain names are Harbour Bank’s, YUNHAI_… those of 云海旅行):',
    '',
    ...exportLines(world).map((line) => `  ${line}`),
    '',
    `or all of them at once: . ${world.paths.exports}`,
    'After that, commands work on this vault, from the repository’s folder: node scripts/callvault.js tenants list',
    ...story,
    '',
    `Data: ${world.paths.data} (vault.db, store/ with ciphertext, keyring.json, service.log);`,
    `the root key lies beside it, in ${world.paths.root}.`,
    '',
    world.keepsData ? 'Ctrl-C ends it; its data stay.' : 'Ctrl-C ends it and deletes its data.',
    '',
  ].join('\n');
}
