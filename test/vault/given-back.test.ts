// What a reply that stops early gives back into the bucket of its listener: only what the session's row counted for it.
import { describe, expect, it } from 'vitest';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import type { MediaBudgets } from '../../src/vault/core/media-budget.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { addPerson, bodyOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

describe('a reply that stops early', () => {
  const test = sharedVault();

  /** A session on a call of a minute, and a process of it that reports what its replies give back. */
  const listening = async (callId: string) => {
    const target = { metadata: { source: 'pbx', callId, leg: '0' } };
    const audio = { target, name: 'audio', type: 'audio/wav', body: bodyOf(wavOf(960_000)) } as const;
    const { recording } = await deposit(test.vault, test.uploader, audio, test.request);
    const [reviewer, supervisor] = [await addPerson(test, 'reviewer'), await addPerson(test, 'supervisor')];
    const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
    const { request } = await requestAccess(test.vault, reviewer, wish, test.request);
    const { grant } = await approve(test.vault, supervisor, request.id, {}, test.request);
    const { session } = await openSession(test.vault, reviewer, grant?.id ?? '', test.request);
    const given: { readonly bytes: number; readonly countedMs: number }[] = [];
    const reply = {
      take: async (want: number) => want,
      giveBack: (bytes: number, countedMs: number) => void given.push({ bytes, countedMs }),
    };
    const mediaBudgets: MediaBudgets = { ...test.vault.mediaBudgets, stream: () => reply, range: () => reply };
    const open = () => openAudio({ ...test.vault, mediaBudgets }, reviewer, session.id, test.request);
    const counted = async () =>
      (await test.vault.db.read((rows) => rows.sessions.find(test.tenant, session.id), test.request))?.heard;
    return { open, given, counted, reviewer, session: session.id };
  };
  /** Reads the first slice of a range, and closes. Returns its size. */
  const abort = async (stream: AsyncGenerator<Uint8Array>): Promise<number> => {
    const { value } = await stream.next();
    await stream.return(undefined);
    return (value as Uint8Array).length;
  };

  it('gives back the time that the row counted for what was not sent', async () => {
    const { open, given } = await listening('first');
    const media = await open();
    const sent = await abort(media.read(0, 480_000));
    expect(sent).toBeLessThan(480_000);
    expect(given).toEqual([{ bytes: 480_000 - sent, countedMs: expect.any(Number) }]);
    const unsentMs = (60_000 * (480_000 - sent)) / media.size;
    expect(Math.abs((given[0]?.countedMs ?? 0) - unsentMs)).toBeLessThanOrEqual(2);
  });

  it('gives back no time for what was counted before', async () => {
    const { open, given, counted } = await listening('again');
    await abort((await open()).read(0, 480_000));
    const sent = await abort((await open()).read(0, 480_000));
    expect(given[1]).toEqual({ bytes: 480_000 - sent, countedMs: 0 });
    // A range that begins a tenth of a second earlier: what was not counted before is sent, and the rest was counted.
    const before = await counted();
    await abort((await open()).read(600_000, 840_000));
    const last = await abort((await open()).read(600_000 - 1_600, 840_000));
    expect(last).toBeGreaterThan(1_600);
    expect(given[3]).toEqual({ bytes: 240_000 + 1_600 - last, countedMs: 0 });
    expect(before).toHaveLength(1);
    expect(await counted()).toEqual([...(before ?? []), [expect.any(Number), expect.any(Number)]]);
  });

  it('gives back no time where the row counted none', async () => {
    const { open, given, reviewer, session } = await listening('ended');
    const media = await open();
    await closeSession(test.vault, reviewer, session, test.request);
    await expect(media.read(0, 480_000).next()).rejects.toMatchObject({ code: 'session_ended' });
    expect(given).toEqual([{ bytes: 480_000, countedMs: 0 }]);
  });
});
