// Player in a browser: playback, every way of seeking, commenting, and no content left at the end.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { uploadSamples, uploadTranscript } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { stopPlaying } from './support/steps.ts';

const chromium = needs('chromium');
const CALL = 'harbour-1-lost-card.wav';

/** State of the page's media elements, which are not attached to the document. */
async function watchMedia(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: HTMLMediaElement[] = [];
    const Plain = Audio;
    Object.assign(globalThis, {
      madeMedia: made,
      Audio: function Watched() {
        const media = new Plain();
        made.push(media);
        return media;
      },
    });
  });
}

type MediaState = { playing: boolean; sources: number; at: number };

function mediaOf(page: Page): Promise<MediaState> {
  return page.evaluate(() => {
    const made = (globalThis as unknown as { madeMedia: HTMLMediaElement[] }).madeMedia;
    return {
      playing: made.some((media) => !media.paused),
      sources: made.filter((media) => media.getAttribute('src') !== null || media.buffered.length > 0).length,
      at: Math.max(0, ...made.map((media) => media.currentTime)),
    };
  });
}

/** Content of a browser's storage: names and texts of storages, caches and databases. */
function keptBy(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const kept = { ...localStorage, ...sessionStorage };
    return JSON.stringify([kept, await caches.keys(), databases.map(({ name }) => name)]);
  });
}

describe.skipIf(!chromium.present)(`the player ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;

  beforeAll(async () => {
    recording = (await uploadSamples(stage.world, stage.world.harbour, 'harbour')).get(CALL) ?? '';
  });

  /** A reviewer with a grant who is listening. */
  async function listen(look = {}, call = recording): Promise<Person & { grant: string }> {
    const { harbour } = stage.world;
    const grant = await stage.world.grant(harbour, call);
    const person = await stage.signIn(harbour.tenant, harbour.reviewer, look);
    await watchMedia(person.page);
    await person.page.goto(`/recordings/${call}`);
    await person.page.getByRole('button', { name: /^(Listen|收听)$/ }).click();
    await stopPlaying(person);
    await person.page.getByRole('slider', { name: /^(Position|播放位置)$/ }).press('Home');
    return { ...person, grant };
  }

  test('opens, plays, and seeks by key, line, waveform, search and a typed time', async () => {
    const { page, complaints } = await listen();
    const slider = page.getByRole('slider', { name: 'Position' });
    const at = async () => (await mediaOf(page)).at;
    await slider.press('k');
    await expect.poll(async () => (await mediaOf(page)).playing).toBe(true);
    await expect.poll(at).toBeGreaterThan(0.3);
    await slider.press('k');
    await slider.press('5');
    await expect.poll(at).toBeGreaterThan(9);
    await slider.press('Home');
    await expect.poll(at).toBe(0);
    await slider.press('l');
    await expect.poll(at).toBeCloseTo(10, 0);
    const line = page.locator('.ln').nth(2);
    const time = line.getByRole('button', { name: /^Play from/ });
    await time.click();
    await expect.poll(() => line.getAttribute('aria-current')).toBe('true');
    const box = await slider.boundingBox();
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) * 0.75, (box?.y ?? 0) + 20);
    await expect.poll(at).toBeGreaterThan(14);
    await slider.press('g');
    await page.getByRole('dialog').getByRole('textbox').fill('0:03');
    await page.keyboard.press('Enter');
    await expect.poll(at).toBeCloseTo(3, 0);
    await slider.press('Control+f');
    await page.getByRole('textbox', { name: 'Find in the transcript' }).fill('card');
    await expect.poll(() => page.locator('.seek .n').textContent()).toMatch(/^[1-9]\d* \/ [1-9]/);
    expect(await page.locator('.ln mark').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test('shows a transcript in SRT, and seeks by its lines and matches', async () => {
    const { world } = stage;
    const call = await world.deposited(world.harbour, 'subrip', wav(16_000 * 20));
    const cue = (n: number, text: string) =>
      `${n}\r\n00:00:0${n * 3},000 --> 00:00:0${n * 3 + 2},000\r\n${text}\r\n\r\n`;
    const srt = `${cue(1, 'Agent: <i>Good</i> morning')}${cue(2, 'Customer: I lost my card')}${cue(3, 'Agent: <b')}`;
    await uploadTranscript(world, world.harbour, call, 'en', srt, 'text/plain');
    const { page, complaints } = await listen({}, call);
    const lines = page.locator('.ln');
    await expect.poll(() => lines.count()).toBe(3);
    expect(await lines.first().textContent()).toContain('Good morning');
    expect(await lines.nth(2).textContent()).toContain('<b');
    await lines
      .nth(1)
      .getByRole('button', { name: /^Play from/ })
      .click();
    await expect.poll(async () => (await mediaOf(page)).at).toBeGreaterThan(5.9);
    await page.getByRole('slider', { name: 'Position' }).press('Control+f');
    await page.getByRole('textbox', { name: 'Find in the transcript' }).fill('morning');
    await expect.poll(() => page.locator('.seek .n').textContent()).toBe('1 / 1');
    expect(await lines.first().locator('mark').textContent()).toBe('morning');
    expect(complaints).toEqual([]);
  });

  test('loops from A to B by keys, and writes a comment on the range that another session reads', async () => {
    const { page, complaints } = await listen();
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.press('g');
    await page.getByRole('dialog').getByRole('textbox').fill('2');
    await page.keyboard.press('Enter');
    await slider.press('[');
    await slider.press('ArrowRight');
    await slider.press(']');
    await slider.press('c');
    const field = page.getByRole('textbox', { name: 'Comment at 00:02–00:07' });
    await field.fill('<b>Clear</b> & kind');
    await page.getByLabel('Kind of comment').selectOption('praise');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('<b>Clear</b> & kind').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await field.fill('Clear & kind, twice');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Clear & kind, twice').waitFor();
    await page.reload();
    await page.getByText('Clear & kind, twice').waitFor();
    expect(complaints).toEqual([]);
  });

  test('repeats from A to B, plays one lane alone, and continues at triple speed', async () => {
    const { page, complaints } = await listen();
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.press('Home');
    await slider.press('l');
    await slider.press('[');
    await slider.press('Shift+ArrowRight');
    await slider.press('Shift+ArrowRight');
    await slider.press(']');
    await page.getByLabel('Speed').selectOption('3');
    await page.getByRole('button', { name: 'Mute Customer' }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const times: number[] = [];
    for (let n = 0; n < 25; n += 1) {
      await page.waitForTimeout(80);
      times.push((await mediaOf(page)).at);
    }
    expect(times.filter((at, n) => at < (times[n - 1] ?? 0)).length).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(12.7);
    expect(Math.min(...times)).toBeGreaterThan(9.5);
    await slider.press('\\');
    await expect.poll(async () => (await mediaOf(page)).at).toBeGreaterThan(13);
    expect(complaints).toEqual([]);
  });

  test('shows the shortcuts at ?, and keeps playing', async () => {
    const { page, complaints } = await listen();
    const slider = page.getByRole('slider', { name: 'Position' });
    const at = async () => (await mediaOf(page)).at;
    await slider.press('k');
    await expect.poll(at).toBeGreaterThan(0.3);
    const { pathname } = new URL(page.url());
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await slider.press('?');
    await dialog.getByText('Play or pause').waitFor();
    const then = await at();
    await expect.poll(at).toBeGreaterThan(then + 0.2);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect((await mediaOf(page)).playing).toBe(true);
    await expect.poll(() => slider.evaluate((element) => element === document.activeElement)).toBe(true);
    // Also from anywhere else on the page.
    await page.getByRole('main').focus();
    await page.keyboard.press('?');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe(pathname);
    expect((await mediaOf(page)).playing).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('stops at once when the grant is revoked, shows who and why, and keeps only the typed text', async () => {
    const { page, grant, complaints } = await listen();
    const words = await page.locator('.ln .x').first().textContent();
    await page.getByRole('slider', { name: 'Position' }).press('k');
    await expect.poll(async () => (await mediaOf(page)).playing).toBe(true);
    await page.getByRole('textbox', { name: /^Comment at/ }).fill('half a thought');
    const { supervisor } = stage.world.harbour;
    const json = { reason: 'wrong customer' };
    const begun = performance.now();
    const reply = await stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key: supervisor.key, json });
    expect(reply.status).toBe(200);
    await expect.poll(async () => (await mediaOf(page)).playing, { interval: 20 }).toBe(false);
    reportMeasurement('revoked to silent', performance.now() - begun);
    await page.getByRole('alert').getByText('wrong customer').waitFor();
    await page.getByRole('heading', { name: /^Ended by/ }).waitFor();
    expect(await mediaOf(page)).toMatchObject({ playing: false, sources: 0 });
    await page.getByText('half a thought').waitFor();
    expect(await page.content()).not.toContain(words ?? 'nothing');
    const kept = await keptBy(page);
    expect(kept).not.toContain(recording);
    expect(kept).not.toContain(words ?? 'nothing');
    expect(complaints).toEqual([]);
  });

  test('can be ended by the listener, and shows what was heard', async () => {
    const { page } = await listen({ language: 'zh-CN', theme: 'dark' });
    await page.getByRole('button', { name: '结束收听' }).click();
    await page.getByRole('heading', { name: /结束/ }).waitFor();
    expect(await mediaOf(page)).toMatchObject({ playing: false, sources: 0 });
  });
});
