// Requests that one person made for one reason, decided together: one touch, and the outcome of each in place.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { wavOf } from '../support/vault.ts';
import { axeFindings } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const CALLS = 8;

describe.skipIf(!chromium.present)(`decisions on many requests ${chromium.reason}`, () => {
  const stage = sharedStage();
  const recordings: string[] = [];
  beforeAll(async () => {
    for (let n = 0; n < CALLS; n++) {
      const headers = {
        // The second and the third call are of one number.
        'vault-meta-from': encodeURIComponent(`+4420794601${String(n === 2 ? 1 : n).padStart(2, '0')}`),
        'vault-meta-agent': encodeURIComponent(['Priya Nair', '陈思远', 'Daniel Wu'][n % 3] ?? ''),
        'vault-meta-direction': 'inbound',
        'vault-meta-started-at': encodeURIComponent(new Date(Date.UTC(2026, 10, 24, 9 + n, 42)).toISOString()),
      };
      recordings.push(await stage.world.deposited(stage.world.harbour, `bulk-${n}`, wavOf(8_000 * (n + 1)), headers));
    }
  });

  const ask = async (reason: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (const recording of recordings.slice(0, count)) {
      const json = { recording, purpose: 'quality', reason, minutes: 20 };
      const reply = await stage.world.call('POST', '/v1/access-requests', {
        key: stage.world.harbour.reviewer.key,
        json,
      });
      expect(reply.status, await reply.clone().text()).toBe(201);
      ids.push(((await reply.json()) as { id: string }).id);
    }
    return ids;
  };
  const statesOf = async (ids: readonly string[]): Promise<string[]> => {
    const { key } = stage.world.harbour.supervisor;
    const states = ids.map(async (id) => {
      const reply = await stage.world.call('GET', `/v1/access-requests/${id}`, { key });
      return ((await reply.json()) as { state: string }).state;
    });
    return (await Promise.all(states)).sort();
  };

  test('approves those chosen and denies the others, by keyboard, and shows what came of each', async () => {
    const { harbour } = stage.world;
    const { id } = await stage.world.person(harbour.tenant, ['supervisor']);
    const boss = await stage.signIn(harbour.tenant, { id }, { width: 1366, height: 768 });
    await addPasskey(boss);
    const ids = await ask('Regulator’s query about roaming charges: what did agents tell customers?', 4);
    const { page } = boss;
    await page.goto('/approvals');
    await page.getByRole('heading', { name: 'Rita requests 4 calls' }).waitFor();
    await page.getByRole('button', { name: 'Approve 4 with passkey' }).waitFor();
    await untilLoaded(boss);
    expect(await axeFindings(page)).toEqual([]);
    // One is withdrawn after it was shown: the others go on.
    await stage.world.call('POST', `/v1/access-requests/${ids[0]}/cancel`, { key: harbour.reviewer.key });
    await page.getByRole('button', { name: 'Turn them on' }).click();
    const boxes = page.getByRole('checkbox', { name: /^Choose the call of/ });
    await boxes.nth(3).focus();
    await page.keyboard.press('Space');
    await page.getByText('3 of 4 selected').waitFor();
    expect(await page.getByText('same number × 2', { exact: true }).count()).toBe(2);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Shift+X');
    await page.getByText('1 of 4 selected').waitFor();
    await page.keyboard.press('x');
    await page.getByText('2 of 4 selected').waitFor();
    await boxes.nth(2).click({ modifiers: ['Shift'] });
    await page.getByText('3 of 4 selected').waitFor();
    await page.keyboard.press('a');
    await page.getByText('Approved: 2 · denied: 0 · not possible: 1').waitFor();
    // The keys rest while the decision's lists are read again.
    const dialog = page.getByRole('dialog', { name: /^Deny 1 request$/ });
    await until('the key opens the dialog', async () => {
      await page.keyboard.press('r');
      return dialog.isVisible();
    });
    await dialog.getByLabel('Reason').fill('not part of the query');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Approved: 2 · denied: 1 · not possible: 1').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const notes = page.locator('.bulk tbody tr td:last-child');
    await page.getByText('Waiting 0').waitFor();
    expect((await notes.allTextContents()).sort()).toEqual(['Already decided', 'Approved', 'Approved', 'Denied']);
    const states = await statesOf(ids);
    expect(states.filter((state) => state === 'cancelled')).toHaveLength(1);
    expect(states.filter((state) => state === 'requested')).toHaveLength(0);
    expect(boss.complaints).toEqual([]);
    await boss.context.close();
  });

  test.each([
    ['en', 1366, 768],
    ['zh-CN', 1366, 768],
    ['en', 390, 844],
    ['zh-CN', 390, 844],
  ] as const)('is accessible in %s at %i × %i, and nothing is cut off', async (language, width, height) => {
    const { harbour } = stage.world;
    const { id } = await stage.world.person(harbour.tenant, ['supervisor']);
    const boss = await stage.signIn(harbour.tenant, { id }, { width: 1366, height: 768 });
    await addPasskey(boss);
    const [first = ''] = await ask(
      `Regulator’s query ${language} ${width}: what did agents tell customers about roaming charges?`,
      CALLS,
    );
    await boss.page.goto(`/approvals/${first}`);
    if (language === 'zh-CN') await boss.page.getByRole('button', { name: '中文' }).click();
    await boss.page.setViewportSize({ width, height });
    await boss.page
      .locator('.bulk tbody tr')
      .nth(CALLS - 1)
      .waitFor();
    await untilLoaded(boss);
    expect(await axeFindings(boss.page)).toEqual([]);
    const wider = await boss.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await boss.context.close();
  });
});
