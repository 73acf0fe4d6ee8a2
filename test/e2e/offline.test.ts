// Console without a connection: reported as such, not as a fault of the service, and recovered when the connection
// returns.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const FAULT = /cannot be reached|did not answer|went wrong|Something|could not be/i;

/** Makes the player request more bytes than it has buffered, as a longer call would. */
async function failing(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { kept } = window as unknown as { kept: HTMLAudioElement };
    const at = kept.currentTime;
    kept.src = `${kept.src.split('#')[0]}`;
    kept.currentTime = at;
    void kept.play().catch(() => undefined);
  });
}

describe.skipIf(!chromium.present)(`offline ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    const ids = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    recording = ids.get('harbour-1-lost-card.wav') ?? '';
  });

  const reviewer = async (path: string): Promise<Person> => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    await trackMedia(person);
    await person.page.goto(path);
    await untilLoaded(person);
    return person;
  };

  const usesOf = async (grant: string): Promise<number> => {
    const { key } = stage.world.harbour.reviewer;
    const reply = await stage.world.call('GET', `/v1/grants/${grant}`, { key });
    const { uses, uses_left: left } = (await reply.json()) as { uses: number; uses_left: number };
    return uses - left;
  };

  it('shows that a page waits for the connection, and loads it when the connection returns', async () => {
    const { page, context } = await reviewer('/recordings');
    await page.getByRole('row').nth(1).waitFor();
    await context.setOffline(true);
    await page.getByRole('status').filter({ hasText: 'You are offline.' }).waitFor();
    // This part of the console has not been loaded yet.
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'My access' }).click();
    await page.waitForTimeout(1000);
    expect(await page.getByRole('main').getByText(FAULT).count()).toBe(0);
    await context.setOffline(false);
    await page.getByRole('heading', { name: 'My access' }).waitFor();
    await page.getByRole('tab', { name: 'Active' }).or(page.getByRole('tab').first()).first().waitFor();
    expect(await page.getByText('You are offline').count()).toBe(0);
  });

  it('shows that a list cannot be read, and reads it when the connection returns', async () => {
    const { page, context } = await reviewer('/recordings');
    await page.getByRole('row').nth(1).waitFor();
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Pending' }).click();
    const main = page.getByRole('main');
    await main.getByText('You are offline. This loads when the connection is back.').waitFor();
    expect(await main.getByText(/cannot be reached|did not answer/).count()).toBe(0);
    await context.setOffline(false);
    await page.getByText(/^Nothing matches/).waitFor();
  });

  it('reports a request that was not sent, and sends it on the next click', async () => {
    const { page, context } = await reviewer(`/recordings/${recording}/ask`);
    await page.getByLabel('Reason').fill('The customer disputes a charge.');
    const submit = page.locator('.ask-card button[type=submit]');
    await context.setOffline(true);
    await expect.poll(() => submit.isDisabled()).toBe(true);
    await context.setOffline(false);
    await expect.poll(() => submit.isDisabled()).toBe(false);
    await submit.click();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await submit.waitFor();
  });

  it('resumes listening when the connection returns, without another use of the grant', async () => {
    const { harbour } = stage.world;
    const grant = await stage.world.grant(harbour, recording);
    const person = await reviewer(`/recordings/${recording}`);
    const { page, context, complaints } = person;
    const listen = page.getByRole('button', { name: 'Listen', exact: true });
    await listen.waitFor();
    await context.setOffline(true);
    await listen.click();
    const card = page.getByRole('heading', { name: 'You are offline' });
    await card.waitFor();
    await page.getByText('Listening continues when the connection is back.').waitFor();
    expect(await page.getByRole('main').getByText(FAULT).count()).toBe(0);
    await context.setOffline(false);
    await untilPlayed(person, 0.1);
    await card.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByRole('heading', { name: 'You ended listening' }).waitFor();
    expect(await usesOf(grant)).toBe(1);

    // The response is lost: the session is open nevertheless, and is resumed.
    let lost = 0;
    await page.route('**/v1/grants/*/sessions', async (route) => {
      if (lost > 0) return route.continue();
      lost += 1;
      await route.fetch();
      await context.setOffline(true);
      await route.abort('internetdisconnected');
    });
    await page.getByRole('button', { name: 'Listen again' }).click();
    await card.waitFor();
    expect(await usesOf(grant)).toBe(2);
    await context.setOffline(false);
    await untilPlayed(person, 0.1);
    expect(await usesOf(grant)).toBe(2);

    // In the middle of the call: loading of the rest fails, and continues from there.
    await context.setOffline(true);
    await failing(page);
    await card.waitFor();
    await context.setOffline(false);
    await untilPlayed(person, 0.3);
    await card.waitFor({ state: 'detached' });
    expect(await usesOf(grant)).toBe(2);
    expect(complaints).toEqual([]);
  });
});
