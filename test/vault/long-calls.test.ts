// Long uploads that outlive a metadata key in memory, and listening that must end at once after a revocation.
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { revokeGrant } from '../../src/vault/access/revoke.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { UploadBody } from '../../src/vault/deposit/upload-bytes.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { createApiKey, revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { addPerson, bodyOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const operator = operatorActor('op-1');

describe('a long call', () => {
  const test = sharedVault();

  const aim = (callId: string) => ({ metadata: { source: 'pbx', callId, leg: '0' } });
  const audio = (callId: string, body: UploadBody) => ({ target: aim(callId), name: 'audio', type: 'audio/wav', body });

  it('is accepted although the metadata key left memory meanwhile', async () => {
    const body = bodyOf(wavOf(300_000));
    const slow: UploadBody = {
      ...body,
      bytes: (async function* () {
        for await (const piece of body.bytes) {
          yield piece;
          test.vault.metadataKeys.drop(test.tenant);
        }
      })(),
    };
    const done = await deposit(test.vault, test.uploader, audio('slow', slow), test.request);
    expect(done.created).toBe(true);
  });

  it('closes a body that it rejects before reading on', async () => {
    let closed = false;
    const bytes = (async function* () {
      try {
        for (;;) yield Buffer.alloc(65_536, 0x41);
      } finally {
        closed = true;
      }
    })();
    const body: UploadBody = { bytes, length: null, sha256: null, whole: () => false };
    const refused = deposit(test.vault, test.uploader, audio('lying', body), test.request);
    await expect(refused).rejects.toMatchObject({ code: 'media_type_mismatch' });
    expect(closed).toBe(true);
  });

  const listening = async (callId: string) => {
    const { recording } = await deposit(
      test.vault,
      test.uploader,
      audio(callId, bodyOf(wavOf(2_000_000))),
      test.request,
    );
    const [reviewer, supervisor] = [await addPerson(test, 'reviewer'), await addPerson(test, 'supervisor')];
    const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
    const { request } = await requestAccess(test.vault, reviewer, wish, test.request);
    const { grant } = await approve(test.vault, supervisor, request.id, {}, test.request);
    const { session } = await openSession(test.vault, reviewer, grant?.id ?? '', test.request);
    return { reviewer, supervisor, grant: grant?.id ?? '', session: session.id };
  };

  it('stops inside a piece when its grant is revoked, and its key leaves memory', async () => {
    const { reviewer, supervisor, grant, session } = await listening('revoked');
    const media = await openAudio(test.vault, reviewer, session, test.request);
    const stream = media.read(0, media.piece);
    expect((await stream.next()).value?.length).toBeLessThan(media.piece);
    await revokeGrant(test.vault, supervisor, grant, null, test.request);
    await expect(stream.next()).rejects.toMatchObject({ code: 'session_ended' });
    expect(test.vault.sessionKeys.sessions()).toEqual([]);
  });

  it('serves nothing once the session has ended, and unwraps no key again', async () => {
    const { reviewer, supervisor, grant, session } = await listening('late');
    const media = await openAudio(test.vault, reviewer, session, test.request);
    await revokeGrant(test.vault, supervisor, grant, null, test.request);
    await expect(media.read(0, 100).next()).rejects.toMatchObject({ code: 'session_ended' });
    expect(test.vault.sessionKeys.sessions()).toEqual([]);
  });

  it('stops after a piece when the listening API key is revoked', async () => {
    const { reviewer, session } = await listening('key');
    const asked = { tenant: test.tenant, principal: reviewer.principal, days: 1, scopes: null };
    const { id } = await createApiKey(test.vault, operator, asked, test.request);
    const by: Caller = { ...reviewer, apiKey: id };
    const media = await openAudio(test.vault, by, session, test.request);
    const stream = media.read(0, media.size);
    let heard = (await stream.next()).value?.length ?? 0;
    await revokeApiKey(test.vault, operator, id, null, test.request);
    const rest = async () => {
      for await (const piece of stream) heard += piece.length;
    };
    await expect(rest()).rejects.toMatchObject({ code: 'session_ended' });
    expect(heard).toBe(media.piece);
  });
});
