// Checks for every page in every look: no axe finding, and nothing past the edge.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import type { Look, Person } from './stage.ts';

/**
 * Violations of the page. Legacy mode runs in this page alone: the default opens a blank page for each check, and the
 * console has no frames. Without preloading, which writes a style into shadow roots that the content security policy
 * rejects; without the nodes that pass, whose selectors take most of the time.
 */
async function violationsOf(page: Page) {
  const found = await violationsNow(page);
  // A message may begin to fade while the page is checked: it is checked again, and a lasting finding stays.
  return found.some(({ id }) => id === 'color-contrast') ? violationsNow(page) : found;
}

async function violationsNow(page: Page) {
  // What is still fading in has less contrast.
  await until('what moves on the page has come to rest', () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .every(
          ({ playState, effect }) => playState !== 'running' || effect?.getComputedTiming().iterations === Infinity,
        ),
    ),
  );
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  return (await axe.options({ preload: false, resultTypes: ['violations'] }).analyze()).violations;
}

/** All findings: rule and subject. */
export async function axeFindings(page: Page): Promise<string[]> {
  return (await violationsOf(page)).map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`,
  );
}

/** Serious and critical findings: rule and subject. */
export async function seriousAxeFindings(page: Page): Promise<string[]> {
  return (await violationsOf(page))
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Both languages and both themes: wide, on a phone, and at the narrowest width. */
export const LOOKS: readonly Look[] = [
  { language: 'en', theme: 'light' },
  { language: 'zh-CN', theme: 'dark' },
  { language: 'zh-CN', theme: 'light', width: 390, height: 844 },
  { language: 'en', theme: 'dark', width: 320, height: 640 },
];

/** Checks the current page. */
export async function expectAccessibleAndInside({ page, complaints }: Person): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  const past = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(past).toBeLessThanOrEqual(0);
  expect(complaints).toEqual([]);
}
