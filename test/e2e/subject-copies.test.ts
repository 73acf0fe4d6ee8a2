// Copies of a subject request in browsers: two people name the officer; another one proposes them again once they have ended.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { revokeGrantsByCommand } from '../../src/vault/access/revoke-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { takePicture } from './support/picture.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey } from './support/steps.ts';

const chromium = needs('chromium');
const NUMBER = '+442079460418';

describe.skipIf(!chromium.present)(`copies for a person in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-copies-'));
  let [path, recording] = ['', ''];
  const person = async (role: 'privacy' | 'admin'): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    return stage.signIn(tenant, await stage.world.person(tenant, [role]));
  };

  it('are proposed for the officer who asks, three times within three days', { timeout: 600_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const { world } = stage;
    const headers = { 'vault-meta-from': encodeURIComponent(NUMBER) };
    recording = await world.deposited(world.harbour, 'call-copied', wav(16_000), headers);
    const officer = await person('privacy');
    await addPasskey(officer);
    const { page } = officer;
    const post = (to: string, json: object): Promise<{ id: string }> =>
      page.evaluate(
        async ([url, body]) => {
          const sent = { 'content-type': 'application/json' };
          const reply = await fetch(url, { method: 'POST', headers: sent, body });
          return (await reply.json()) as { id: string };
        },
        [to, JSON.stringify(json)] as const,
      );
    const { id } = await post('/v1/subject-requests', {
      ...{ kinds: ['access'], person: { numbers: [NUMBER], copies: true } },
    });
    await post(`/v1/subject-requests/${id}/identity`, { how: 'called back' });
    await post(`/v1/subject-requests/${id}/search`, {});
    path = `/subject-requests/${id}`;
    await page.goto(path);
    await page.getByRole('button', { name: 'Send for approval' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send for approval' });
    await dialog.getByText('You will be able to download the copy of 1 recording: 3 times').waitFor();
    await dialog.getByLabel('Reason').fill('As the letter asks');
    await dialog.getByRole('button', { name: 'Send for approval' }).click();
    await page.getByText('Sent: another person must approve').waitFor();
    expect(officer.complaints).toEqual([]);
  });

  it('are approved by a person who sees for whom, how often and until when', { timeout: 600_000 }, async () => {
    const second = await person('admin');
    await addPasskey(second);
    const { page } = second;
    await page.goto(path);
    await page.getByText(/will be able to download the copy of 1 recording: at most 3 times/).waitFor();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.getByText('The change is approved').waitFor();
    expect(second.complaints).toEqual([]);
  });

  it('are no other officer’s, who proposes them again once they have ended', { timeout: 600_000 }, async () => {
    const { world } = stage;
    const another = await person('privacy');
    const { page } = another;
    await page.goto(path);
    await page.getByText(/can download the copies 3 more times, until/).waitFor();
    expect(await page.getByRole('link', { name: 'Package' }).count()).toBe(0);
    const wait = { signal: AbortSignal.timeout(600_000) };
    const { tenant } = world.harbour;
    await revokeGrantsByCommand(world.vault, operatorActor('op-1'), tenant, { recording }, 'a claim', wait);
    await page.reload();
    await page.getByText('No one can download the copies now').waitFor();
    await takePicture(page, join(folder, 'ended.png'));
    await page.getByRole('button', { name: 'Propose copies again' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send for approval' });
    await dialog.getByText('You will be able to download the copy of 1 recording').waitFor();
    expect(another.complaints).toEqual([]);
  });
});
