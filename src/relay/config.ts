// The relay's configuration file: JSON, read once at the start. Every problem is reported at once.
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { sha256 } from '../bytes/digest.ts';
import { isId } from '../bytes/ids.ts';
import { isObject } from '../bytes/json-object.ts';
import { hasCode, VaultError } from '../errors.ts';
import { TEXT_FORMS } from '../model/fact-forms.ts';
import { readVerifierKey } from '../model/log/note.ts';
import { namePattern } from '../model/name-pattern.ts';
import { codeOf } from './error-code.ts';
import { type NamedFacts, TIME_PARTS } from './sidecar.ts';

/** Where the configuration is unless `--config` names another file. */
export const CONFIG_FILE = '/etc/callvault/relay.json';

/** Sizes in bytes, times in milliseconds. */
export type RelayConfig = {
  readonly url: string;
  readonly tenant: string;
  readonly source: string;
  readonly folders: readonly string[];
  readonly spool: string;
  /** Path of the file with the API key. */
  readonly credential: string;
  readonly verifierKey: string | null;
  readonly publicKey: string | null;
  /** Path of the PEM file with the vault's certificate authority. */
  readonly ca: string | null;
  readonly types: ReadonlyMap<string, string>;
  readonly patterns: readonly NamedFacts[];
  readonly settledMs: number;
  readonly withoutSidecarMs: number;
  readonly alarmAfterMs: number;
  readonly spoolBytes: number;
  readonly freeBytes: number;
  /** Loopback address of the metrics, or null. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
};

/** The vault finds the type of these by their content. */
const ANY_TYPE = 'application/octet-stream';
const ENDINGS = ['wav', 'mp3', 'ogg', 'opus', 'flac'];

const MEMBERS = new Set([
  ...['url', 'tenant', 'source', 'folders', 'spool', 'credential', 'verifier_key', 'public_key', 'ca', 'types'],
  ...['file_names', 'settled_seconds', 'without_sidecar_seconds', 'alarm_after_minutes', 'limits', 'metrics'],
]);

/** Facts that a group of a pattern can name. */
const NAMED_FACTS = Object.keys(TEXT_FORMS).filter((name) => !name.startsWith('basis') && name !== 'retain_until');

type Members = Readonly<Record<string, unknown>>;

/** Reads a configuration file. Throws `config_invalid`. */
export function readRelayConfig(path: string): RelayConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const code = cause instanceof SyntaxError ? 'it is not JSON' : codeOf(cause);
    throw new VaultError('config_invalid', `cannot read the configuration ${path} (${code})`, { cause });
  }
  return relayConfigFrom(parsed);
}

/** The configuration in a JSON value. Throws `config_invalid` with every problem. */
export function relayConfigFrom(value: unknown): RelayConfig {
  const problems: string[] = [];
  const given: Members = isObject(value) ? value : {};
  if (!isObject(value)) problems.push('the configuration must be an object');
  for (const name of Object.keys(given)) if (!MEMBERS.has(name)) problems.push(`${name.slice(0, 64)} is unknown`);
  const text = (name: string, form: (text: string) => boolean, must: string): string => {
    const found = given[name];
    if (typeof found === 'string' && form(found)) return found;
    problems.push(`${name} must be ${must}`);
    return '';
  };
  const optional = (name: string, form: (text: string) => boolean, must: string): string | null =>
    given[name] === undefined ? null : text(name, form, must);
  const number = (name: string, from: Members, usual: number, least: number): number => {
    const found = from[name] ?? usual;
    if (typeof found === 'number' && Number.isSafeInteger(found) && found >= least) return found;
    problems.push(`${name} must be a whole number from ${least}`);
    return usual;
  };
  const limits = isObject(given['limits']) ? given['limits'] : {};
  for (const name of Object.keys(limits))
    if (name !== 'spool_bytes' && name !== 'free_bytes') problems.push(`limits has an unknown member ${name}`);
  const folders = Array.isArray(given['folders']) ? (given['folders'] as unknown[]) : [];
  if (folders.length === 0 || folders.some((folder) => typeof folder !== 'string' || !isAbsolute(folder)))
    problems.push('folders must be a list of absolute paths');
  const spool = text('spool', isAbsolute, 'an absolute path');
  for (const folder of folders)
    if (typeof folder === 'string' && (isInside(folder, spool) || isInside(spool, folder)))
      problems.push('spool and folders must not be inside each other');
  const tenant = text('tenant', (id) => isId(id, 'ten'), 'the id of a tenant: ten_…');
  const verifierKey = optional('verifier_key', (key) => isKeyOf(key, tenant), "the verifier key of the tenant's log");
  const publicKey = optional('public_key', (key) => /^[A-Za-z0-9+/]{43}=$/.test(key), 'base64 of 32 bytes');
  if (verifierKey !== null && publicKey !== null) problems.push('verifier_key and public_key exclude each other');
  const config: RelayConfig = {
    url: text('url', (url) => URL.canParse(url), 'the address of the vault'),
    tenant,
    source: text('source', (name) => /^[A-Za-z0-9._-]{1,64}$/.test(name), '1 to 64 of A-Z a-z 0-9 . _ -'),
    folders: folders.filter((folder) => typeof folder === 'string'),
    spool,
    credential: text('credential', isAbsolute, 'an absolute path'),
    verifierKey,
    publicKey,
    ca: optional('ca', isAbsolute, 'an absolute path'),
    types: typesFrom(given['types'], problems),
    patterns: patternsFrom(given['file_names'], problems),
    settledMs: number('settled_seconds', given, 10, 1) * 1000,
    withoutSidecarMs: number('without_sidecar_seconds', given, 600, 10) * 1000,
    alarmAfterMs: number('alarm_after_minutes', given, 15, 1) * 60_000,
    spoolBytes: number('spool_bytes', limits, 100_000_000_000, 1_000_000),
    freeBytes: number('free_bytes', limits, 1_000_000_000, 0),
    metrics: addressFrom(optional('metrics', (at) => addressFrom(at) !== null, 'a loopback address and a port')),
  };
  if (problems.length > 0)
    throw new VaultError('config_invalid', `the configuration is not valid: ${problems.join('; ')}`);
  return config;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(join(folder), join(path));
  return way === '' || !(way.startsWith('..') || isAbsolute(way));
}

function isKeyOf(text: string, tenant: string): boolean {
  const key = readVerifierKey(text, sha256);
  return key?.name.endsWith(`/${tenant}`) ?? false;
}

function typesFrom(value: unknown, problems: string[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  const given = value ?? Object.fromEntries(ENDINGS.map((ending) => [ending, ANY_TYPE]));
  for (const [ending, type] of Object.entries(isObject(given) ? given : { '': '' })) {
    const known = typeof type === 'string' && (type === ANY_TYPE || /^audio\/[a-z0-9.+-]+$/.test(type));
    if (known && /^[a-z0-9]+$/.test(ending) && ending !== 'json') types.set(ending, type);
    else problems.push('types must name a media type for each ending, such as "wav": "audio/wav"');
  }
  return types;
}

function patternsFrom(value: unknown, problems: string[]): readonly NamedFacts[] {
  if (value === undefined) return [];
  const wrong = (): readonly NamedFacts[] => {
    problems.push('file_names must be a list of { match, offset, facts } with the group call_id in each match');
    return [];
  };
  if (!Array.isArray(value)) return wrong();
  return (value as unknown[]).flatMap((one): readonly NamedFacts[] => {
    if (!isObject(one)) return wrong();
    const { match, offset = 'Z', facts = {}, ...others } = one;
    const groups =
      typeof match === 'string' ? [...match.matchAll(/\(\?<([A-Za-z]\w*)>/g)].map(([, name]) => `${name}`) : [];
    for (const name of Object.keys(others)) problems.push(`file_names has an unknown member ${name}`);
    for (const name of groups)
      if (!TIME_PARTS.includes(name) && !NAMED_FACTS.includes(name))
        problems.push(`file_names has an unknown group ${name}`);
    if (typeof match !== 'string' || !match.includes('(?<call_id>') || !isObject(facts)) return wrong();
    if (typeof offset !== 'string' || !/^(Z|[+-]\d\d:\d\d)$/.test(offset)) return wrong();
    try {
      return [{ match: namePattern(match), offset, facts: facts as NamedFacts['facts'] }];
    } catch (error) {
      if (!hasCode(error, 'malformed')) throw error;
      problems.push(`a match of file_names cannot be used: ${error.message}`);
      return [];
    }
  });
}

/** Only loopback: the metrics need no credential. */
function addressFrom(text: string | null): RelayConfig['metrics'] {
  const [, host, port] = /^(127\.0\.0\.1|\[::1\]|localhost):(\d{1,5})$/.exec(text ?? '') ?? [];
  return host === undefined || Number(port) > 65_535 ? null : { host: host.replace(/[[\]]/g, ''), port: Number(port) };
}
