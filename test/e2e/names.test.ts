// Suggestions in the filters for agent and queue: the tenant's names, chosen by pointer or keyboard.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { axeFindings } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`suggested names ${chromium.reason}`, () => {
  const stage = sharedStage();
  beforeAll(async () => {
    await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    await uploadSamples(stage.world, stage.world.yunhai, 'yunhai');
  });

  const filter = async (name: string): Promise<Person & { type: (text: string) => Promise<void> }> => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    const { page } = person;
    await page.goto('/recordings');
    await page.getByRole('row').nth(2).waitFor();
    await page.getByRole('button', { name, exact: true }).click();
    const field = page.getByRole('dialog', { name }).getByRole('combobox', { name });
    await field.waitFor();
    return { ...person, type: (text) => field.pressSequentially(text) };
  };

  it('narrows the list to an agent by a prefix and a click', async () => {
    const { page, type, complaints } = await filter('Agent');
    await type('hb-2');
    const options = page.getByRole('option');
    await expect.poll(() => options.allTextContents()).toContain('HB-2107');
    expect((await options.allTextContents()).every((name) => name.startsWith('HB-2'))).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    await options.getByText('HB-2107', { exact: true }).click();
    await page.locator('.chip', { hasText: 'HB-2107' }).waitFor();
    await expect.poll(() => page.locator('tbody tr', { hasText: /HB-2(?!107)/ }).count()).toBe(0);
    await page.getByRole('row').filter({ hasText: 'HB-2107' }).first().waitFor();
    expect(new URL(page.url()).search).not.toContain('HB');
    expect(complaints).toEqual([]);
  });

  it('narrows it to a queue by keys alone, with no name of another tenant', async () => {
    const { page, type, requests } = await filter('Queue');
    const queues = new Set(await page.locator('tbody tr td:nth-child(6)').allTextContents());
    const [queue = ''] = queues;
    await type(queue.slice(0, 1));
    await expect.poll(() => page.getByRole('option').allTextContents()).toContain(queue);
    const offered = await page.getByRole('option').allTextContents();
    expect(offered.filter((name) => !queues.has(name))).toEqual([]);
    for (let n = 0; n <= offered.indexOf(queue); n += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.chip', { hasText: queue }).waitFor();
    expect(requests.filter((url) => url.includes('/names?'))).toEqual([]);
  });

  it('accepts a name that was typed in full, whatever is suggested', async () => {
    const { page, type } = await filter('Agent');
    await page.route('**/v1/recordings/names', (route) => route.fulfill({ status: 503, json: {} }));
    await type('hb-2107');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.chip', { hasText: 'hb-2107' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'HB-2107' }).first().waitFor();
  });
});
