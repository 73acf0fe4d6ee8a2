// Copies of a subject request in browsers: the officer whom two people named downloads the package; another one, once those
// copies have ended, asks for them again.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { revokeGrantsByCommand } from '../../src/vault/access/revoke-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { takePicture } from './support/picture.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const NUMBER = '+442079460418';
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** Sends what is suggested for approval. */
async function propose(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send for approval' }).click();
  await reasoned(page);
}

/** Gives the reason in the dialog that sends copies for approval. */
async function reasoned(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Send for approval' });
  await dialog.getByText('You will be able to download the copy of 1 recording').waitFor();
  await dialog.getByLabel('Reason').fill('As the letter asks');
  await dialog.getByRole('button', { name: 'Send for approval' }).click();
  await page.getByText('Sent: another person must approve').waitFor();
}

async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve with passkey' }).click();
  await page.getByText('The change is approved').waitFor();
}

/** Loads the request until its copies are approved for this person. */
async function untilShown(who: Person, path: string): Promise<void> {
  await until('the copies are approved', async () => {
    await who.page.goto(path);
    await untilLoaded(who);
    return (await who.page.getByRole('link', { name: 'Package' }).count()) === 1;
  });
}

describe.skipIf(!chromium.present)(`copies for a person in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-copies-'));

  it('are downloaded by the named officer, and asked for again by another', { timeout: 600_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const { world } = stage;
    const { tenant } = world.harbour;
    const headers = { 'vault-meta-from': encodeURIComponent(NUMBER) };
    const recording = await world.deposited(world.harbour, 'call-copied', wav(16_000), headers);
    const officer = await stage.signIn(tenant, await world.person(tenant, ['privacy']));
    await addPasskey(officer);
    const post = (to: string, json: object): Promise<{ id: string }> =>
      officer.page.evaluate(
        async ([url, body]) => {
          const headers = { 'content-type': 'application/json' };
          const reply = await fetch(url, { method: 'POST', headers, body });
          return (await reply.json()) as { id: string };
        },
        [to, JSON.stringify(json)] as const,
      );
    const { id } = await post('/v1/subject-requests', {
      ...{ kinds: ['access'], person: { numbers: [NUMBER], copies: true } },
    });
    await post(`/v1/subject-requests/${id}/identity`, { how: 'called back' });
    await post(`/v1/subject-requests/${id}/search`, {});
    const path = `/subject-requests/${id}`;
    await officer.page.goto(path);
    await propose(officer.page);
    const second = await stage.signIn(tenant, await world.person(tenant, ['admin']));
    await addPasskey(second);
    await second.page.goto(path);
    await second.page.getByText(/will be able to download the copy of 1 recording: at most 3 times/).waitFor();
    await takePicture(second.page, join(folder, 'to-approve.png'));
    await approve(second.page);
    await untilShown(officer, path);
    await officer.page.getByText(/You can download it 3 more times, until/).waitFor();
    const sent = officer.page.waitForEvent('download');
    await officer.page.getByRole('link', { name: 'Package' }).press('Enter');
    const zip = await sent;
    expect(zip.suggestedFilename()).toMatch(/\.zip$/);
    const names = readFileSync(await zip.path(), 'latin1');
    for (const part of ['/audio.wav', '/facts.json', 'digests.txt']) expect(names).toContain(part);

    const another = await stage.signIn(tenant, await world.person(tenant, ['privacy']));
    const { page } = another;
    await addPasskey(another);
    await page.goto(path);
    await page.getByText(/can download the copies 2 more times, until/).waitFor();
    expect(await page.getByRole('link', { name: 'Package' }).count()).toBe(0);
    await revokeGrantsByCommand(world.vault, operatorActor('op-1'), tenant, { recording }, 'a claim', wait());
    await page.reload();
    await page.getByText('No one can download the copies now').waitFor();
    await takePicture(page, join(folder, 'ended.png'));
    await page.getByRole('button', { name: 'Propose copies again' }).click();
    await reasoned(page);
    await second.page.goto(path);
    await approve(second.page);
    await untilShown(another, path);
    await takePicture(page, join(folder, 'approved.png'));
    for (const { complaints } of [officer, another, second]) expect(complaints).toEqual([]);
  });
});
