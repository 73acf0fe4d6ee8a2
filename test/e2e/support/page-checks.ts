// What must hold of every page however it is looked at: axe finds nothing, and nothing stands past the edge.
import { expect } from 'vitest';
import { axeFindings } from './axe.ts';
import type { Look, Person } from './stage.ts';

/** Both languages and both themes, wide, on a telephone and as narrow as there is. */
export const LOOKS: readonly Look[] = [
  { language: 'en', theme: 'light' },
  { language: 'zh-CN', theme: 'dark' },
  { language: 'zh-CN', theme: 'light', width: 390, height: 844 },
  { language: 'en', theme: 'dark', width: 320, height: 640 },
];

/** Looks at the page as it is. */
export async function expectAccessibleAndInside({ page, complaints }: Person): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  const past = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(past).toBeLessThanOrEqual(0);
  expect(complaints).toEqual([]);
}
