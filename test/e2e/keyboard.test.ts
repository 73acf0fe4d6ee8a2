// Story by keyboard alone: no pointer, only Tab, Enter, Space, arrows and the shortcuts that the pages show.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { sharedStage } from './support/stage.ts';
import { mediaState, trackMedia, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const MOST_TABS = 120;

type Focused = { readonly name: string; readonly role: string; readonly ring: boolean };

/** The focused element: role, accessible name, and whether the focus is visible. */
async function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return { name: '', role: '', ring: false };
    const labelled = element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return {
      name: (labelled ?? element.textContent ?? '').trim(),
      role: element.getAttribute('role') ?? element.tagName.toLowerCase(),
      ring: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
    };
  });
}

/** Presses Tab until an element with this name has the focus, and checks that the focus is visible. */
async function tabTo(page: Page, name: RegExp, role?: string): Promise<void> {
  for (let n = 0; n < MOST_TABS; n++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (!name.test(now.name) || (role !== undefined && now.role !== role)) continue;
    expect(now, 'the focus shows').toMatchObject({ ring: true });
    return;
  }
  throw new Error(`no Tab leads to ${name}`);
}

describe.skipIf(!chromium.present)(`the story by keyboard ${chromium.reason}`, () => {
  const stage = sharedStage();
  beforeAll(async () => {
    await uploadSamples(stage.world, stage.world.harbour, 'harbour');
  });

  test('requests, approves, listens, comments and ends', async () => {
    const { harbour } = stage.world;
    const [rita, sue] = [
      await stage.signIn(harbour.tenant, harbour.reviewer),
      await stage.signIn(harbour.tenant, harbour.supervisor),
    ];
    await trackMedia(rita);
    const { page } = rita;
    await page.goto('/recordings');
    await page.getByRole('row').nth(1).waitFor();
    await tabTo(page, /^Request/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Request access' }).waitFor();
    await tabTo(page, /^Reason/, 'textarea');
    await page.keyboard.type('The customer disputes a charge; I need to hear it.');
    await tabTo(page, /^Send request$/);
    await page.keyboard.press('Enter');

    const { page: other } = sue;
    await other.goto('/approvals');
    await other.getByRole('link', { name: /Rita/ }).waitFor();
    await tabTo(other, /Rita.*min/, 'a');
    await other.keyboard.press('Enter');
    await other.getByRole('heading', { name: 'Rita requests access' }).waitFor();
    await tabTo(other, /^Approve/);
    await other.keyboard.press('Enter');

    await page.getByRole('main').getByText('Listen', { exact: true }).first().waitFor();
    await tabTo(page, /^Listen$/);
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'Position' }).waitFor();
    await untilPlayed(rita, 0.3);
    await tabTo(page, /^Pause$/);
    await page.keyboard.press('Space');
    await expect.poll(async () => (await mediaState(rita))?.paused).toBe(true);
    await page.keyboard.press('Space');
    await untilPlayed(rita, 0.5);
    await tabTo(page, /^Position$/, 'slider');
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await mediaState(rita))?.time).toBeGreaterThan(5);
    await page.keyboard.press('c');
    await expect.poll(async () => (await focused(page)).role).toBe('textarea');
    expect(await mediaState(rita)).toMatchObject({ paused: true });
    await page.keyboard.type('Friendly opening.');
    await tabTo(page, /^Save$/);
    await page.keyboard.press('Enter');
    await page.getByText('Friendly opening.').waitFor();
    await tabTo(page, /^End/);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await mediaState(rita))?.src).toBe('');
    expect([...rita.complaints, ...sue.complaints]).toEqual([]);
  });
});
