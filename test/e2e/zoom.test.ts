// Zoom of the waveform by keys, buttons and wheel: the point of interest keeps its place, and the playhead stays in
// view.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { axeFindings } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { stopPlaying, trackMedia, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');

/** Tracks in the view: zoom factor, position of the playhead, and the rendered canvases. */
function tracks(page: Page): Promise<{ wide: number; head: number; drawn: number }> {
  return page.evaluate(() => {
    const view = document.querySelector('.tl-view');
    const head = document.querySelector('.head-line');
    if (view === null || head === null) throw new Error('no tracks');
    const box = view.getBoundingClientRect();
    const wave = document.querySelector('.wf > div')?.shadowRoot ?? null;
    const drawn = wave?.querySelector('canvas')?.parentElement?.getBoundingClientRect().width ?? 0;
    return {
      wide: Math.round((view.scrollWidth / view.clientWidth) * 10) / 10,
      head: (head.getBoundingClientRect().left - box.left) / box.width,
      drawn: Math.round((drawn / view.clientWidth) * 10) / 10,
    };
  });
}

describe.skipIf(!chromium.present)(`zooming the waveform ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    const ids = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    recording = ids.get('harbour-1-lost-card.wav') ?? '';
  });

  const listen = async (look = {}): Promise<Person> => {
    const { harbour } = stage.world;
    await stage.world.grant(harbour, recording);
    const person = await stage.signIn(harbour.tenant, harbour.reviewer, look);
    await trackMedia(person);
    await person.page.goto(`/recordings/${recording}`);
    await person.page.getByRole('button', { name: /^(Listen|收听)$/ }).click();
    await stopPlaying(person);
    return person;
  };

  it('by keys zooms around the playhead, and draws the lanes at the new width', async () => {
    const { page, complaints } = await listen();
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.press('5');
    await expect.poll(async () => (await tracks(page)).head).toBeCloseTo(0.5, 1);
    expect((await tracks(page)).wide).toBe(1);
    await slider.press('+');
    await slider.press('=');
    await expect.poll(() => tracks(page)).toMatchObject({ wide: 4, drawn: 4 });
    expect((await tracks(page)).head).toBeCloseTo(0.5, 1);
    await page.getByRole('status', { name: 'Zoom 4×' }).waitFor();
    // A position in the view maps to the time drawn there.
    const box = await page.locator('.tl-view').boundingBox();
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) * 0.75, (box?.y ?? 0) + 40);
    await expect.poll(async () => (await tracks(page)).head).toBeCloseTo(0.75, 1);
    await slider.press('-');
    await expect.poll(async () => (await tracks(page)).wide).toBe(2);
    await slider.press('z');
    await expect.poll(async () => (await tracks(page)).wide).toBe(1);
    expect(complaints).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('keeps the playhead in view while playing and after a seek, unless the person scrolled elsewhere', async () => {
    const person = await listen();
    const { page } = person;
    const slider = page.getByRole('slider', { name: 'Position' });
    await slider.press('Home');
    for (let n = 0; n < 3; n += 1) await slider.press('+');
    const head = async () => (await tracks(page)).head;
    await slider.press('8');
    await expect.poll(head).toBeGreaterThan(0);
    expect(await head()).toBeLessThan(1);
    await slider.press('Home');
    await expect.poll(head).toBeLessThan(0.1);
    await slider.press('k');
    await untilPlayed(person, 0.5);
    const scrolled = await page.locator('.tl-view').evaluate((view) => (view.scrollLeft = view.scrollWidth / 2));
    await untilPlayed(person, 1.2);
    expect(await page.locator('.tl-view').evaluate((view) => view.scrollLeft)).toBeCloseTo(scrolled, -1);
  });

  it('works by buttons and by the wheel, and is in the list of shortcuts', async () => {
    const { page } = await listen();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(async () => (await tracks(page)).wide).toBe(2);
    expect(await page.getByRole('button', { name: 'Zoom out' }).isEnabled()).toBe(true);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await expect.poll(async () => (await tracks(page)).wide).toBe(1);
    expect(await page.getByRole('button', { name: 'Zoom out' }).isDisabled()).toBe(true);
    const box = await page.locator('.tl-view').boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 4, (box?.y ?? 0) + 40);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -60);
    await page.keyboard.up('Control');
    await expect.poll(async () => (await tracks(page)).wide).toBe(2);
    await page.getByRole('slider', { name: 'Position' }).press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('Zoom the waveform in or out').waitFor();
    await keys.getByText('Reset the zoom').waitFor();
  });

  it('has separate buttons on a phone', async () => {
    const { page } = await listen({ language: 'zh-CN', width: 390, height: 844 });
    await page.getByRole('button', { name: '放大波形' }).click();
    await expect.poll(async () => (await tracks(page)).wide).toBe(2);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
