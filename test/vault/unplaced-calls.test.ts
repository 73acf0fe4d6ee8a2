// Calls whose length says nothing of where their bytes are: their bytes count, in minutes and in the pace of all processes.
import { describe, expect, it } from 'vitest';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { ListeningRate } from '../../src/vault/core/media-budget.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { addPerson, bodyOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

describe('a call whose length is', () => {
  const test = sharedVault();

  it.each([null, 0])('%s counts its bytes', async (durationMs) => {
    const { vault, tenant, request } = test;
    const target = { metadata: { source: 'pbx', callId: `length-${durationMs}`, leg: '0' } };
    const audio = { target, name: 'audio', type: 'audio/wav', body: bodyOf(wavOf(960_000)) } as const;
    const { recording } = await deposit(vault, test.uploader, audio, request);
    await vault.db.change(async (tx) => {
      const row = await tx.recordings.lock(tenant, recording);
      if (row === null) throw new Error('no recording');
      await tx.recordings.change(row, { durationMs });
      const made = event(tenant, operatorActor('op-1'), 'recording.read', { id: recording }, request);
      return { result: undefined, events: [made] };
    }, request);
    const [reviewer, supervisor] = [await addPerson(test, 'reviewer'), await addPerson(test, 'supervisor')];
    const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
    const asked = await requestAccess(vault, reviewer, wish, request);
    const { grant } = await approve(vault, supervisor, asked.request.id, {}, request);
    const { session } = await openSession(vault, reviewer, grant?.id ?? '', request);
    const rates: ListeningRate[] = [];
    const reply = { take: async (want: number) => want, giveBack: () => undefined };
    const stream = (rate: ListeningRate) => {
      rates.push(rate);
      return reply;
    };
    const paced = { ...vault, mediaBudgets: { ...vault.mediaBudgets, stream } };
    const media = await openAudio(paced, reviewer, session.id, request);
    let sent = 0;
    for await (const bytes of media.read(0, media.size)) sent += bytes.length;
    expect(sent).toBe(media.size);
    const row = await vault.db.read((rows) => rows.sessions.find(tenant, session.id), request);
    // 8,000 bytes are a second: 960,000 and a header begin the third minute.
    expect(row).toMatchObject({ bytes: sent, playedMinutes: 3, heard: null });
    const [rate] = rates;
    expect(rate?.bytesPerSecond).toBe(8_000);
    expect(rate?.leftInRow()).toBeLessThan(30_000 - 120_000 + 60_000);
  });
});
