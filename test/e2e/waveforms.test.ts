// Calls with and without a waveform in a browser; a call without one shows a note, and can be played and sought.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { mediaFile } from '../support/media-files.ts';
import { needs } from '../support/needs.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { listenTo } from './support/steps.ts';

const chromium = needs('chromium');
const MISSING =
  /^(This call has no waveform\. You can play it and seek here as usual\.|此通话没有波形，仍可正常播放，并可在此处定位。)$/;
const SLIDER = /^(Position|播放位置)$/;

describe.skipIf(!chromium.present)(`a waveform ${chromium.reason}`, () => {
  const stage = sharedStage();
  const recordings = new Map<string, string>();
  beforeAll(async () => {
    const { world } = stage;
    for (const [name, type] of [
      ['info.mp3', 'audio/mpeg'],
      ['opus.ogg', 'audio/ogg'],
      ['known.flac', 'audio/flac'],
      ['front.m4a', 'audio/mp4'],
    ] as const) {
      const headers = { type, 'vault-meta-basis': 'consent' };
      recordings.set(name, await world.deposited(world.harbour, name, mediaFile(name), headers));
    }
  });

  async function listen(name: string, look = {}): Promise<Person> {
    const person = await listenTo(stage, recordings.get(name) ?? '', look);
    await person.page.getByRole('slider', { name: SLIDER }).waitFor();
    return person;
  }

  /** Height of the highest bar in pixels of its canvas. */
  const tallest = (page: Page): Promise<number> =>
    page.evaluate(() => {
      const host = document.querySelector('.wf > *');
      const heights = [...(host?.shadowRoot?.querySelectorAll('canvas') ?? [])].map((canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] };
        const drawn = Array.from({ length: height }, (_, y) => y).filter((y) => {
          for (let x = 0; x < width; x++) if ((data[(y * width + x) * 4 + 3] ?? 0) > 0) return true;
          return false;
        });
        return drawn.length;
      });
      return Math.max(0, ...heights);
    });

  test.each([
    ['info.mp3', 3],
    ['opus.ogg', 2],
  ])('of %s is drawn, and the call has its length', async (name, seconds) => {
    const { page } = await listen(name);
    await expect.poll(() => tallest(page)).toBeGreaterThan(20);
    expect(await page.getByText(MISSING).count()).toBe(0);
    const slider = page.getByRole('slider', { name: SLIDER });
    expect(await slider.getAttribute('aria-valuemax')).toBe(String(seconds));
  });

  test.each(LOOKS)('that does not exist shows a note without lanes, %o', async (look) => {
    const person = await listen('known.flac', look);
    const { page } = person;
    await page.getByText(MISSING).waitFor();
    expect(await page.locator('.wf, .wf canvas').count()).toBe(0);
    await expectAccessibleAndInside(person);
  });

  test('that does not exist still allows seeking by click and by key', async () => {
    const { page } = await listen('front.m4a');
    await page.getByText(MISSING).waitFor();
    const slider = page.getByRole('slider', { name: SLIDER });
    await slider.press('Home');
    await slider.press('End');
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('2');
    expect(await slider.getAttribute('aria-valuetext')).not.toContain('speaking');
    const box = await slider.boundingBox();
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 10);
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('1');
  });

  test('that cannot be loaded shows a note too', async () => {
    const { world } = stage;
    const person = await stage.signIn(world.harbour.tenant, world.harbour.reviewer);
    await world.grant(world.harbour, recordings.get('info.mp3') ?? '');
    await person.page.route(/\/peaks$/, (route) => route.fulfill({ status: 500, json: { code: 'internal' } }));
    await person.page.goto(`/recordings/${recordings.get('info.mp3')}`);
    await person.page.getByRole('button', { name: 'Listen' }).click();
    await person.page.getByText('The waveform could not be loaded.').waitFor();
    expect(await person.page.locator('.wf').count()).toBe(0);
  });
});
