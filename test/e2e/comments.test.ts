// Comments in a browser: where they are pinned, how they are rewritten, and what is told of those not saved.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { openStage, type Person, type Stage } from './support/stage.ts';

const chromium = needs('chromium');
const CALL = 'harbour-1-lost-card.wav';

describe.skipIf(!chromium.present)(`comments ${chromium.reason}`, () => {
  let stage: Stage;
  let recording: string;
  beforeAll(async () => {
    stage = await openStage();
    recording = (await uploadSamples(stage.world, stage.world.harbour, 'harbour')).get(CALL) ?? '';
  });
  afterAll(() => stage.end());

  /** A reviewer with a grant, listening. */
  async function listen(): Promise<Person & { grant: string }> {
    const { harbour } = stage.world;
    const grant = await stage.world.grant(harbour, recording);
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    await person.page.goto(`/recordings/${recording}`);
    await person.page.getByRole('button', { name: 'Listen' }).click();
    await person.page.getByRole('slider', { name: 'Position' }).waitFor();
    await person.page.locator('.ln').first().waitFor();
    return { ...person, grant };
  }

  test('a comment stands on the line that was played from', async () => {
    const { page } = await listen();
    const line = page.locator('.ln').filter({ has: page.getByRole('button', { name: 'Play from 00:10' }) });
    await line.getByRole('button', { name: 'Play from 00:10' }).click();
    await expect.poll(() => line.getAttribute('aria-current')).toBe('true');
    await page.keyboard.press('c');
    await page.getByRole('textbox', { name: 'Comment at 00:10' }).fill('pinned here');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('pinned here').waitFor();
    await line.getByRole('button', { name: /^Show comment/ }).waitFor();
    expect(await page.getByRole('button', { name: /^Show comment/ }).count()).toBe(1);
  });

  test('after a reload the strip tells of what was handed out, which nobody need have heard', async () => {
    const { page } = await listen();
    await page.getByText('Heard', { exact: true }).waitFor();
    await page.reload();
    await page.locator('.ln').first().waitFor();
    await page.getByText('Handed out', { exact: true }).waitFor();
    expect(await page.getByText('Heard', { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByText(/^\d+% was handed out to you\. Saved comments stay\./).waitFor();
  });
});
