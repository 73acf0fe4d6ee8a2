// Story in two browsers: found, requested, approved by passkey, played, commented on, revoked, stopped.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey, goTo, leftoversOf, mediaState, trackMedia, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`the story in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  beforeAll(async () => {
    await uploadSamples(stage.world, stage.world.harbour, 'harbour');
  });

  test('finds, requests, approves with a passkey, plays, seeks, comments and revokes: playback stops with the reason', async () => {
    const { harbour } = stage.world;
    const [rita, sue] = [
      await stage.signIn(harbour.tenant, harbour.reviewer),
      await stage.signIn(harbour.tenant, harbour.supervisor),
    ];
    await addPasskey(sue);
    await goTo(sue.page, /Approvals/);
    const began = Date.now();

    await trackMedia(rita);
    await rita.page.goto('/recordings');
    const row = rita.page.getByRole('row').filter({ hasText: 'HB-2107' });
    await row
      .getByRole('link', { name: 'Request' })
      .or(row.getByRole('button', { name: 'Request' }))
      .click();
    const page = rita.page.getByRole('main');
    await page.getByLabel('Reason').fill('The customer disputes a charge; I need to hear what was promised.');
    await page.getByRole('button', { name: 'Send request', exact: true }).click();

    await sue.page.getByRole('heading', { name: 'Rita requests access' }).waitFor();
    await sue.page.getByText('The customer disputes a charge').waitFor();
    await sue.page.getByRole('button', { name: 'Approve with passkey' }).click();

    const listen = page
      .getByRole('button', { name: 'Listen', exact: true })
      .or(page.getByRole('link', { name: 'Listen', exact: true }));
    await listen.first().click();
    await untilPlayed(rita, 0.2);
    reportMeasurement('found to heard', Date.now() - began);

    const position = page.getByRole('slider', { name: 'Position' });
    const box = await position.boundingBox();
    if (box === null) throw new Error('no waveform');
    await rita.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(async () => (await mediaState(rita))?.time).toBeGreaterThan(9);
    await page
      .getByRole('button', { name: 'Play from 0:04' })
      .or(page.getByRole('button', { name: /Play from 00:04/ }))
      .first()
      .click();
    await expect.poll(async () => (await mediaState(rita))?.time).toBeLessThan(9);
    await position.focus();
    await rita.page.keyboard.press('5');
    await expect.poll(async () => (await mediaState(rita))?.time).toBeGreaterThan(9);

    await rita.page.keyboard.press('c');
    await page.getByRole('textbox', { name: /Comment at/ }).fill('Polite, and the PIN step was announced.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Polite, and the PIN step was announced.').waitFor();
    await position.focus();
    await rita.page.keyboard.press('k');
    await expect.poll(async () => (await mediaState(rita))?.paused).toBe(false);

    await sue.page.getByRole('button', { name: /Live now/ }).click();
    await sue.page.getByRole('listitem').filter({ hasText: 'Rita' }).locator('a, button').first().click();
    await sue.page.getByRole('button', { name: 'End this grant…' }).click();
    await sue.page
      .getByRole('dialog')
      .getByLabel(/Reason/)
      .fill('Wrong customer');
    const revoked = Date.now();
    await sue.page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
    await rita.page.getByText(/Ended by Sue at/).waitFor();
    reportMeasurement('revoked to said', Date.now() - revoked);
    await rita.page.getByText('Wrong customer').waitFor();
    expect(await mediaState(rita)).toMatchObject({ src: '', paused: true, ready: 0 });
    expect(await rita.page.getByText('Polite, and the PIN').count()).toBe(0);
    expect([...rita.complaints, ...sue.complaints]).toEqual([]);

    for (const person of [rita, sue]) {
      const left = await leftoversOf(person);
      const cookies = (await person.context.cookies()).map(({ value }) => value);
      expect(cookies.length).toBeGreaterThan(0);
      const secrets = [...cookies, person.link ?? '', harbour.reviewer.key].map((secret) => secret.slice(-43));
      const told = [...left.texts, ...person.requests, ...stage.world.answered.map((one) => JSON.stringify(one))].join(
        '\n',
      );
      for (const secret of secrets) expect(told).not.toContain(secret);
      // No content of the recording is kept: no cache, no database, no words in storage.
      expect(left.caches).toEqual([]);
      expect(left.databases).toEqual([]);
      expect(left.texts.join('\n')).not.toMatch(/debit card|PIN step/i);
    }
  });
});
