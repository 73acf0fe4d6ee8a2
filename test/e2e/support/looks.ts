// Pictures of a page in both languages, at a desk and on a phone, and what is wrong with each.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { overflowingParts } from './overflow.ts';
import { axeFindings } from './page-checks.ts';
import { takePicture } from './picture.ts';
import type { Person } from './stage.ts';
import { untilLoaded } from './steps.ts';

const LANGUAGES = [
  ['en', 'EN'],
  ['zh-CN', '中文'],
] as const;
const DESK = { width: 1440, height: 900 };
const SIZES = [DESK, { width: 390, height: 844 }] as const;

/**
 * Takes the page at a path as it is in both languages and sizes; returns what is cut off or not accessible, by picture. The
 * page is in English afterwards. `ready` opens what is to be seen, such as a dialog.
 */
export async function takeLooks(
  person: Person,
  folder: string,
  name: string,
  path: string,
  ready: (page: Page) => Promise<void> = async () => undefined,
): Promise<Record<string, readonly string[]>> {
  const { page } = person;
  const found: Record<string, readonly string[]> = {};
  for (const [language, choice] of LANGUAGES) {
    await page.setViewportSize(DESK);
    await page.goto(path);
    await untilLoaded(person);
    await page.getByRole('button', { name: choice, exact: true }).click();
    await page.locator(`html[lang=${language}]`).waitFor();
    await ready(page);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await untilLoaded(person);
      const look = `${name}.${language}.${size.width}`;
      await takePicture(page, join(folder, `${look}.png`));
      const out = [...(await overflowingParts(page)), ...(await axeFindings(page))];
      if (out.length > 0) found[look] = out;
    }
  }
  await page.setViewportSize(DESK);
  await page.goto(path);
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  return found;
}
