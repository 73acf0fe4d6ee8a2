// The package of copies for a person: audio, transcripts and facts of each recording, the answer, and a signed list of
// digests.
import { createHash } from 'node:crypto';
import { phoneValue } from '../../envelope/blind-index.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { logName } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import type { SubjectAnswer } from '../../model/subject/answer.ts';
import { type ApprovedCopies, copiedDigest, copiedOf, unchangedCheck } from '../../model/subject/approved-copies.ts';
import {
  copiedFacts,
  copyFolder,
  copyName,
  type OwnData,
  type PackagedFile,
  packageList,
} from '../../model/subject/copies.ts';
import { MAX_MATCHES } from '../../model/subject/request.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import { accessContextOf } from '../access/context.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openCopies, openPerson, openTold } from '../core/subjects/sealed-subject.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { sessionWatch } from '../listening/session-watch.ts';
import { readAnswer } from './answer.ts';
import { openCopiedObject, requireAudio } from './copied-object.ts';
import {
  type CopySession,
  copyChecks,
  endCopySession,
  lookAtCopySession,
  noCopies,
  openCopySession,
  requireAllowed,
} from './copy-session.ts';
import { downloadChecks, requireSigned, takeDownload } from './take-download.ts';
import { noSubject } from './view.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings' | 'signer' | 'phones'> &
  Pick<Vault, 'metadataKeys' | 'tenantKeks' | 'sessionKeys' | 'logProofs'>;

/** A file of the package; its bytes are read once. */
export type PackageFile = {
  readonly name: string;
  readonly modified: Date;
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
};

/** A package that can be sent. */
export type OpenPackage = {
  /** Fires, with the error, when sending must stop at once, whatever the client has taken. */
  readonly over: AbortSignal;
  /** The files in order. Each must be read to its end before the next; ending early ends the open session. */
  readonly files: AsyncGenerator<PackageFile, void, undefined>;
};

/** Files of the answer, as the caller writes them. */
export type AnswerFiles = (answer: SubjectAnswer) => readonly { readonly name: string; readonly text: string }[];

/** What is copied: whose request, which recordings, and what of them is the person's own. */
type Copies = {
  readonly id: string;
  readonly change: string;
  readonly recordings: readonly { readonly id: string; readonly began: string }[];
  readonly own: OwnData;
  readonly timeZone: string;
};

/**
 * Opens the package of a request, and takes a download unless it only `looks`. Throws `not_found`; `conflict` before two
 * people decided and what they decided is done, and where they approve no copies, or no longer; `access_refused` with the
 * checks, for another than the named officer, after the end, and beyond the number of downloads or what the policy allows. Each recording is a session, opened just before it is sent; one that was erased since is left out.
 */
export async function openPackage(
  vault: Deps,
  by: Caller,
  id: string,
  answerFiles: AnswerFiles,
  { looks }: { readonly looks: boolean },
  request: RequestContext,
): Promise<OpenPackage> {
  const copies = await copiesOf(vault, by, id, request);
  const answer = await readAnswer(vault, by, id, request);
  if (!looks) await takeDownload(vault, by, copies, request);
  const over = new AbortController();
  return { over: over.signal, files: filesOf(vault, by, { copies, answer, answerFiles, over }, request) };
}

async function copiesOf(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<Copies> {
  const { metadataKey, tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const { row, matches, now } = await vault.db.read(
    async (rows) => ({
      row: await rows.subjects.find(by.tenant, id),
      matches: await rows.subjects.matches(by.tenant, id, '', MAX_MATCHES),
      now: await rows.now(),
    }),
    request,
  );
  if (row === null) throw noSubject();
  const { change, state } = row;
  if (change === null || (state !== 'DOING' && state !== 'ANSWERED'))
    throw new VaultError('conflict', 'two people decide what becomes of the recordings before copies are made');
  if (state === 'ANSWERED')
    throw new VaultError('conflict', 'the answer was sent: no copies are made of a request after that');
  const copied = matches.filter(({ outcome }) => outcome === 'copy');
  if (copied.some(({ done }) => done === null))
    throw new VaultError('conflict', 'what was decided is not all done yet: try again in a minute', { retryAfter: 60 });
  const approved = openCopies(metadataKey, row);
  if (approved === null) throw noCopies();
  requireAllowed(downloadChecks(approved, by, now), 'access_refused');
  const recordings = copied.map((match) => {
    const told = openTold(metadataKey, match);
    if (told?.outcome !== 'copy') throw new VaultError('integrity', 'a copy that two people did not approve');
    return { id: match.recording, began: told.began };
  });
  requireSigned(approved, copiedDigest(copiedOf(copied)));
  await requireCopyable(vault, metadataKey, by, { approved, recordings }, request);
  const person = openPerson(metadataKey, row);
  const valueOfNumber = (number: string) => phoneValue(number, vault.phones.e164(number, tenant.country));
  const numbers = new Set(person.numbers.map(valueOfNumber));
  return {
    ...{ id, change, timeZone: timeZoneOf(tenant) },
    recordings,
    own: { isOwnNumber: (number) => numbers.has(valueOfNumber(number)), fields: person.fields },
  };
}

/** Recordings of one read. */
const PAGE = 100;

/** Throws `access_refused` with the checks of the first recording that cannot be copied now, before anything is sent. */
async function requireCopyable(
  { db }: Pick<Vault, 'db'>,
  metadataKey: SecretKey,
  by: Caller,
  { approved, recordings }: Pick<Copies, 'recordings'> & { readonly approved: ApprovedCopies },
  request: RequestContext,
): Promise<void> {
  for (let at = 0; at < recordings.length; at += PAGE) {
    const ids = recordings.slice(at, at + PAGE).map((one) => one.id);
    await db.read(async (rows) => {
      const [tenant, person] = [
        await rows.tenants.find(by.tenant),
        await rows.principals.find(by.tenant, by.principal),
      ];
      const [policy, now] = [await rows.tenants.policy(by.tenant), await rows.now()];
      if (tenant === null) throw noSubject();
      for (const recording of await rows.recordings.findMany(by.tenant, ids)) {
        if (isErased(recording)) continue;
        const context = accessContextOf(metadataKey, { tenant, policy, recording, person });
        const unchanged = unchangedCheck(approved, openRecordingFacts(metadataKey, recording));
        requireAllowed([unchanged, ...copyChecks(context, now)], 'access_refused');
      }
    }, request);
  }
}

type Sending = {
  readonly copies: Copies;
  readonly answer: SubjectAnswer;
  readonly answerFiles: AnswerFiles;
  readonly over: AbortController;
};

async function* filesOf(
  vault: Deps,
  by: Caller,
  { copies, answer, answerFiles, over }: Sending,
  request: RequestContext,
): AsyncGenerator<PackageFile, void, undefined> {
  const sent: PackagedFile[] = [];
  const erased: string[] = [];
  const made = new Date(answer.made);
  for (const { name, text } of answerFiles(answer))
    yield hashed({ name, modified: made, bytes: textBytes(text) }, sent);
  for (const recording of copies.recordings) {
    try {
      yield* filesOfOne(vault, by, { copies, over, sent }, recording, request);
    } catch (error) {
      // Erased since it was approved, before anything of it was sent.
      const isLeftOut = hasCode(error, 'erased') && !sent.some(({ name }) => name.includes(recording.id));
      if (!isLeftOut) throw error;
      erased.push(recording.id);
    }
  }
  const log = logName(vault.settings.origin, by.tenant);
  const text = packageList({ log, request: copies.id, change: copies.change, erased, made: answer.made }, sent);
  const note = vault.signer?.signs === true ? vault.signer.sign(log, text) : text;
  yield { name: 'digests.txt', modified: made, bytes: textBytes(note) };
}

async function* filesOfOne(
  vault: Deps,
  by: Caller,
  { copies, over, sent }: { readonly copies: Copies; readonly over: AbortController; readonly sent: PackagedFile[] },
  recording: Copies['recordings'][number],
  request: RequestContext,
): AsyncGenerator<PackageFile, void, undefined> {
  const session = await openCopySession(vault, by, copies, recording.id, request);
  const watch = sessionWatch(vault, () => look().then(() => undefined));
  const look = (): Promise<CopySession> => lookAtCopySession(vault, by, session.id, copies, request);
  const stop = (): void => over.abort(watch.stopSignal.reason);
  watch.stopSignal.addEventListener('abort', stop);
  let open: AsyncGenerator<Uint8Array, void, undefined> | null = null;
  watch.start();
  try {
    const at = await look();
    const folder = copyFolder(recording.id, at.recording.startedAt, copies.timeZone);
    const modified = new Date(at.recording.startedAt);
    for (const object of await objectsOf(vault, by, recording.id, request)) {
      const found = await openCopiedObject(vault, by, at, object, watch, request);
      const { type, bytes } = object === 'audio' ? requireAudio(found) : (found ?? { type: '', bytes: null });
      if (bytes === null) continue;
      open = bytes;
      yield hashed({ name: `${folder}/${copyName(object, type)}`, modified, bytes }, sent);
    }
    const { metadataKey, recording: row } = await look();
    const facts = openRecordingFacts(metadataKey, row);
    if (facts === null) throw new VaultError('erased', 'this recording was erased');
    const bytes = jsonBytes(copiedFacts(facts, copies.own));
    yield hashed({ name: `${folder}/facts.json`, modified, bytes }, sent);
  } finally {
    watch.end();
    watch.stopSignal.removeEventListener('abort', stop);
    // A reader that stops early leaves the bytes open.
    await open?.return();
    await endCopySession(vault, by, session, request);
  }
}

/** Audio first, then transcripts by language. */
async function objectsOf(
  { db }: Pick<Vault, 'db'>,
  { tenant }: Caller,
  recording: string,
  request: RequestContext,
): Promise<readonly string[]> {
  const deposits = await db.read((rows) => rows.deposits.availableOf(tenant, [recording]), request);
  const transcripts = deposits.map(({ object }) => object).filter((object) => object.startsWith('transcript/'));
  return ['audio', ...transcripts.sort()];
}

/** The file, which is listed with its digest once it was read to its end. */
function hashed({ name, modified, bytes }: PackageFile, sent: PackagedFile[]): PackageFile {
  const read = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const digest = createHash('sha256');
    let size = 0;
    for await (const piece of bytes) {
      digest.update(piece);
      size += piece.length;
      yield piece;
    }
    sent.push({ name, sha256: digest.digest('hex'), size });
  };
  return { name, modified, bytes: read() };
}

function jsonBytes(value: unknown): AsyncGenerator<Uint8Array, void, undefined> {
  return textBytes(`${JSON.stringify(value, null, 2)}\n`);
}

async function* textBytes(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
}
