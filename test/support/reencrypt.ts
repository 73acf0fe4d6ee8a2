// A recording with an audio of two parts and a transcript, and views of its deposits, for tests of re-encryption.
import { readdirSync } from 'node:fs';
import { openColumn } from '../../src/envelope/column.ts';
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { openRecordingFacts } from '../../src/vault/core/objects/recording-view.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { depositTranscript } from '../../src/vault/deposit/transcript.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { readTranscript } from '../../src/vault/listening/whole-objects.ts';
import { type ReencryptedObject, reencrypt } from '../../src/vault/reencrypt/reencrypt.ts';
import { unpacedBudgets } from './unpaced.ts';
import { addPerson, bodyOf, type TestVault } from './vault.ts';

export const operator = operatorActor('op-1');
export const TEXT = Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nGood morning\n');

/** Deposits the audio and returns the uploader's reply. */
export function putAudio(test: TestVault, callId: string, bytes: Uint8Array, by: Caller = test.uploader) {
  const aim = { metadata: { source: 'pbx', callId, leg: '0', from: '+442079460100', notes: 'said so' } };
  return deposit(test.vault, by, { target: aim, name: 'audio', type: 'audio/wav', body: bodyOf(bytes) }, test.request);
}

export function putTranscript(test: TestVault, recording: string) {
  const what = { recording, language: 'en', type: 'text/vtt', body: bodyOf(TEXT) };
  return depositTranscript(test.vault, test.uploader, what, test.request);
}

/** Re-encrypts a recording and returns the result. */
export async function reencryptAndCollect(
  test: TestVault,
  recording: string,
  vault: Vault = test.vault,
): Promise<ReencryptedObject[]> {
  const done: ReencryptedObject[] = [];
  const what = { tenant: test.tenant, recording, why: 'data-key' } as const;
  for await (const one of reencrypt(vault, operator, what, test.request)) done.push(one);
  return done;
}

/** A session of a person who may play and read all of it. */
export async function openListener(test: TestVault, recording: string) {
  const reviewer = await addPerson(test, 'reviewer');
  const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio', 'transcript'], minutes: 5 };
  const { request } = await requestAccess(test.vault, reviewer, wish, test.request);
  const { grant } = await approve(test.vault, await addPerson(test, 'supervisor'), request.id, {}, test.request);
  const { session } = await openSession(test.vault, reviewer, grant?.id ?? '', test.request);
  const open = (vault = test.vault) =>
    openAudio({ ...vault, mediaBudgets: unpacedBudgets() }, reviewer, session.id, test.request);
  return {
    session: session.id,
    open,
    audio: async (vault = test.vault): Promise<{ readonly etag: string; readonly bytes: Buffer }> => {
      const media = await open(vault);
      const pieces: Uint8Array[] = [];
      for await (const piece of media.read(0, media.size)) pieces.push(piece);
      return { etag: media.etag, bytes: Buffer.concat(pieces) };
    },
    transcript: () => readTranscript(test.vault, reviewer, session.id, 'en', test.request),
  };
}

/** The rows of a recording: its facts, and each deposit with its key and digest. */
export async function rowsOf(test: TestVault, recording: string, object = 'audio') {
  const tenant = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (tenant === null) throw new Error('no tenant');
  const metadataKey = await test.vault.metadataKeys.get(tenant, test.request);
  return test.vault.db.read(async (rows) => {
    const row = await rows.recordings.find(test.tenant, recording);
    const { available, underway } = await rows.deposits.ofObject(test.tenant, recording, object);
    const place = { tenant: test.tenant, row: available?.id ?? '', column: 'digest' };
    return {
      tenant,
      row,
      facts: row === null ? null : openRecordingFacts(metadataKey, row),
      underway,
      available,
      digest: available?.digest == null ? null : openColumn(metadataKey, place, available.digest).toString('hex'),
      key: available === null ? null : await rows.wrappedKeys.find(test.tenant, available.id),
    };
  }, test.request);
}

/** Files of the store whose path contains this text. */
export function filesWith(test: TestVault, text: string): string[] {
  return readdirSync(test.store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .filter((path) => path.includes(text))
    .sort();
}
