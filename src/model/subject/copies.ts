// Copies of recordings for the person who asked for them: names of files, and the facts without other people's data.
import type { Facts } from '../facts.ts';
import { localTimeOf } from '../local-time.ts';
import { TRANSCRIPT_ANY_JSON, TRANSCRIPT_JSON, TRANSCRIPT_SRT, TRANSCRIPT_VTT } from '../transcript-types.ts';

/** The folder of a recording in a package: the day of the call in the organisation's time zone, and the id. */
export function copyFolder(recording: string, began: string, timeZone: string): string {
  const { date } = localTimeOf(timeZone, Date.parse(began));
  return `calls/${new Date(date * 86_400_000).toISOString().slice(0, 10)}_${recording}`;
}

const ENDINGS: ReadonlyMap<string, string> = new Map([
  ...([['audio/wav', 'wav'] as const, ['audio/mpeg', 'mp3'], ['audio/ogg', 'ogg'], ['audio/flac', 'flac']] as const),
  ...([
    ['audio/mp4', 'm4a'] as const,
    [TRANSCRIPT_JSON, 'json'],
    [TRANSCRIPT_ANY_JSON, 'json'],
    [TRANSCRIPT_VTT, 'vtt'],
    [TRANSCRIPT_SRT, 'srt'],
  ] as const),
]);

/** The name of an object's file: `audio.wav`, `transcript-en.vtt`. */
export function copyName(object: string, type: string): string {
  return `${object.replace('/', '-')}.${ENDINGS.get(type) ?? 'bin'}`;
}

/** Which numbers and fields of a call are the person's own. */
export type OwnData = {
  readonly isOwnNumber: (number: string) => boolean;
  readonly fields: Readonly<Record<string, string>>;
};

/**
 * What a copy says of its call: a list of what may be in it, so that a later fact is left out until it is added here. Numbers
 * are the person's own, and so are fields. Left out is what can name others: the agent, other numbers, the platform's ids
 * and file name, what staff wrote, evidence in the platform's words.
 */
export function copiedFacts(facts: Facts, own: OwnData): Readonly<Record<string, unknown>> {
  const { kind, at, language, notice, channel, withdrawn } = facts.basis;
  const { from, to } = facts.numbers ?? {};
  const fields = Object.entries(facts.fields ?? {}).filter(([name, value]) => own.fields[name] === value);
  return defined({
    v: 1,
    started_at: facts.started_at,
    duration_ms: facts.duration_ms,
    direction: facts.direction,
    channels: facts.channels,
    numbers: someOf({ from: ownNumber(from, own), to: ownNumber(to, own) }),
    queue: facts.queue,
    ticket: facts.ticket,
    language: facts.language,
    sensitivity: facts.sensitivity,
    basis: defined({ kind, at, language, notice, channel, withdrawn }),
    retain_until: facts.retain_until,
    wrap_up: facts.wrap_up,
    pauses: facts.pauses,
    fields: someOf(Object.fromEntries(fields)),
    events: facts.events,
    sha256: facts.sha256,
  });
}

function ownNumber(number: string | undefined, { isOwnNumber }: OwnData): string | undefined {
  return number !== undefined && isOwnNumber(number) ? number : undefined;
}

function someOf(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const some = defined(members);
  return Object.keys(some).length === 0 ? undefined : some;
}

function defined(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** The first line of the list of digests. */
export const PACKAGE_FORMAT = 'callvault/package@v1';

/** A file of a package: what `sha256sum` prints of it, and its size. */
export type PackagedFile = { readonly name: string; readonly sha256: string; readonly size: number };

/** What the list of digests says besides the files. */
export type PackageHead = {
  /** The tenant's log: `<origin>/<ten_>`. */
  readonly log: string;
  readonly request: string;
  readonly change: string;
  /** Recordings whose copies were approved and that were erased since. */
  readonly erased: readonly string[];
  readonly made: string;
};

/** The list of digests as a text: `<SHA-256>  <name>`, as `sha256sum --check` reads it, after a head. */
export function packageList(
  { log, request, change, erased, made }: PackageHead,
  files: readonly PackagedFile[],
): string {
  return [
    PACKAGE_FORMAT,
    log,
    `request ${request}`,
    `change ${change}`,
    ...erased.map((recording) => `erased ${recording}`),
    ...files.map(({ name, sha256 }) => `${sha256}  ${name}`),
    `made ${made}`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}
