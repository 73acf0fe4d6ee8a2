// From finding to listening: one click on "Listen" plays and takes one use of the grant, in a browser that allows sound
// only after a click; nothing else does.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey, goTo, stopPlaying, trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const CALL = 'harbour-1-lost-card.wav';

/** Counts the clicks of the person in every page of this browser from now on. */
async function countClicks({ context }: Person): Promise<() => number> {
  let clicks = 0;
  await context.exposeFunction('clicked', () => {
    clicks += 1;
  });
  const count = (): void => {
    addEventListener('click', ({ isTrusted }) => isTrusted && (window as never as { clicked(): void }).clicked(), true);
  };
  await context.addInitScript(count);
  for (const page of context.pages()) await page.evaluate(count);
  return () => clicks;
}

describe.skipIf(!chromium.present)(`from find to hear ${chromium.reason}`, () => {
  const stage = sharedStage({ autoplay: 'user-gesture-required' });
  let recording: string;
  let recordings: Map<string, string>;
  beforeAll(async () => {
    // The strictest policy: only an element that was touched within a click may play.
    recordings = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    recording = recordings.get(CALL) ?? '';
  });

  const usesOf = async (grant: string): Promise<{ state: string; left: number }> => {
    const { key } = stage.world.harbour.reviewer;
    const reply = await stage.world.call('GET', `/v1/grants/${grant}`, { key });
    const { state, uses_left: left } = (await reply.json()) as { state: string; uses_left: number };
    return { state, left };
  };
  const reviewer = async (): Promise<Person> => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    await trackMedia(person);
    return person;
  };
  const rowOf = (page: Page) => page.getByRole('row').filter({ hasText: 'HB-2107' }).first();
  const revoke = (grant: string) =>
    stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key: stage.world.harbour.supervisor.key });

  it('plays a call of the list by one click, which takes one use', async () => {
    const grant = await stage.world.grant(stage.world.harbour, recording);
    const before = await usesOf(grant);
    const person = await reviewer();
    const { page } = person;
    await page.goto('/recordings');
    const clicks = await countClicks(person);
    const listen = rowOf(page).getByRole('link', { name: /^Listen/ });
    await listen.waitFor();
    const began = Date.now();
    await listen.click();
    await untilPlayed(person, 0.1);
    reportMeasurement(`reviewer with a grant, list to sound, ${clicks()} click(s)`, Date.now() - began);
    expect(clicks()).toBe(1);
    expect(await usesOf(grant)).toEqual({ ...before, left: before.left - 1 });

    // Returning in any way resumes the session and takes no use.
    await stopPlaying(person);
    await goTo(page, 'Recordings');
    await rowOf(page)
      .getByRole('link', { name: /^Listen/ })
      .click();
    await untilPlayed(person, 0.1);
    await page.reload();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect((await usesOf(grant)).left).toBe(before.left - 1);
    await revoke(grant);
    expect(person.complaints).toEqual([]);
  });

  it('plays after one click even if the response comes too late for the click to count', async () => {
    const grant = await stage.world.grant(stage.world.harbour, recording);
    const { harbour } = stage.world;
    const { page } = await stage.signIn(harbour.tenant, harbour.reviewer);
    // The page is not evaluated while waiting: the browser would count that as a click.
    let sounded = (): void => undefined;
    await page.exposeFunction('sounded', () => sounded());
    await page.addInitScript(() => {
      const { sounded } = window as never as { sounded(): void };
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function heard() {
        this.ontimeupdate = () => this.currentTime > 0.1 && sounded();
        return play.call(this);
      };
    });
    const heardAfter = async (click: () => Promise<void>): Promise<void> => {
      const sound = new Promise<void>((resolve) => {
        sounded = resolve;
      });
      await click();
      await sound;
    };
    await page.goto('/recordings');
    // A browser allows sound for about five seconds after a click.
    await page.route('**/v1/grants/*/sessions', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 7_000));
      await route.continue();
    });
    const listen = rowOf(page).getByRole('link', { name: /^Listen/ });
    await heardAfter(() => listen.click());
    await page.getByRole('button', { name: 'End now' }).click();
    const again = page.getByRole('button', { name: 'Listen again' });
    await heardAfter(() => again.click());
    await revoke(grant);
  });

  it('takes no use of a grant when a page is opened without a click', async () => {
    const grant = await stage.world.grant(stage.world.harbour, recording);
    const before = await usesOf(grant);
    const person = await reviewer();
    const { page, requests } = person;
    await page.goto(`/recordings/${recording}`);
    await page.getByRole('button', { name: 'Listen', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Listen', exact: true }).waitFor();
    await untilLoaded(person);
    expect(await usesOf(grant)).toEqual(before);
    expect(requests.filter((request) => /\/sessions$/.test(request))).toEqual([]);
    await page.getByRole('button', { name: 'Listen', exact: true }).click();
    await untilPlayed(person, 0.1);
    expect((await usesOf(grant)).left).toBe(before.left - 1);
    await revoke(grant);
  });

  it('offers no listening on a used-up grant, except in its open session', async () => {
    const { harbour } = stage.world;
    const grant = await stage.world.grant(harbour, recording);
    const { left } = await usesOf(grant);
    for (let use = 1; use < left; use += 1) await stage.world.session(harbour, grant);
    const person = await reviewer();
    const { page } = person;
    await page.goto('/recordings');
    const listen = rowOf(page).getByRole('link', { name: /^Listen/ });
    await listen.click();
    await untilPlayed(person, 0.1);
    expect(await usesOf(grant)).toEqual({ state: 'consumed', left: 0 });

    // The last use is still open here: the strip and the row lead back to it.
    await goTo(page, 'Recordings');
    const strip = page.getByRole('region', { name: 'Grant' });
    await strip.getByRole('link', { name: 'Listen' }).click();
    await untilPlayed(person, 0.1);
    await goTo(page, 'Recordings');
    await listen.click();
    await untilPlayed(person, 0.1);

    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByRole('heading', { name: 'You ended listening' }).waitFor();
    await page.getByRole('link', { name: /^Request again/ }).waitFor();
    expect(await page.getByRole('button', { name: /^Listen/ }).count()).toBe(0);
    await goTo(page, 'Recordings');
    await rowOf(page).getByText('Used up').waitFor();
    expect(await page.getByRole('link', { name: /^Listen/ }).count()).toBe(0);
    expect(await strip.count()).toBe(0);
    await goTo(page, 'My access');
    await page.getByRole('table').waitFor();
    expect(await page.getByRole('link', { name: /^(Open|Listen)/ }).count()).toBe(0);
    await revoke(grant);
  });

  it('offers no listening once a grant has expired, before the service reports it', async () => {
    const grant = await stage.world.grant(stage.world.harbour, recording);
    const person = await reviewer();
    const { page } = person;
    await page.clock.install();
    await page.goto('/recordings');
    const row = rowOf(page);
    await row.getByRole('link', { name: /^Listen/ }).waitFor();
    // No response of the service reports the end yet: only the clock does.
    await page.route('**/v1/**', (route) => route.abort());
    await page.clock.fastForward('08:00:01');
    await row.getByText(/^Expired/).waitFor();
    expect(await page.getByRole('link', { name: /^Listen/ }).count()).toBe(0);
    await revoke(grant);
  });

  it('goes from finding a call to listening in few clicks, with another person’s approval in between', async () => {
    const { harbour } = stage.world;
    const person = await reviewer();
    const sue = await stage.signIn(harbour.tenant, harbour.supervisor);
    await addPasskey(sue);
    await goTo(sue.page, /Approvals/);
    const { page } = person;
    await page.goto('/recordings');
    await rowOf(page).waitFor();
    const [asking, deciding] = [await countClicks(person), await countClicks(sue)];
    const began = Date.now();
    await rowOf(page)
      .getByRole('link', { name: /^(Ask|Request)/ })
      .click();
    await page.getByLabel('Reason').fill('The customer disputes a charge; I need to hear what was promised.');
    await page.locator('.ask-card button[type=submit]').click();
    await sue.page.getByRole('button', { name: 'Approve with passkey' }).click();
    const listen = page.locator('.ask-card').getByRole('link', { name: 'Listen' });
    await listen.waitFor();
    const approved = Date.now();
    await listen.click();
    await untilPlayed(person, 0.1);
    reportMeasurement(
      `reviewer, find to hear, ${asking()} clicks and ${deciding()} of the supervisor’s`,
      Date.now() - began,
    );
    reportMeasurement('reviewer, approved to sound', Date.now() - approved);
    expect(asking()).toBe(3);
    expect(deciding()).toBe(1);
    expect([...person.complaints, ...sue.complaints]).toEqual([]);
  });

  it('plays for a supervisor with a grant by one click too', async () => {
    const { harbour } = stage.world;
    const other = await stage.world.person(harbour.tenant, ['supervisor']);
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await stage.world.call('POST', '/v1/access-requests', { key: other.key, json });
    const { id } = (await asked.json()) as { id: string };
    const { key } = harbour.supervisor;
    expect((await stage.world.call('POST', `/v1/access-requests/${id}/approve`, { key })).status).toBe(200);
    const person = await stage.signIn(harbour.tenant, other);
    await trackMedia(person);
    const { page } = person;
    await page.goto('/recordings');
    const listen = rowOf(page).getByRole('link', { name: /^Listen/ });
    await listen.waitFor();
    const clicks = await countClicks(person);
    const began = Date.now();
    await listen.click();
    await untilPlayed(person, 0.1);
    reportMeasurement(`supervisor with a grant, list to sound, ${clicks()} click(s)`, Date.now() - began);
    expect(clicks()).toBe(1);
  });
});
