// Corrections of a recording's facts in the console: the form, the difference, and a change by others meanwhile.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { axeFindings } from './support/page-checks.ts';
import { type Look, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const WORDS = {
  en: {
    ...{ more: 'Who listened to this recording', details: 'Details', changes: 'Changes', open: 'Correct…' },
    ...{ agent: 'Agent', from: 'From', reason: 'Reason', save: 'Save correction', cancel: 'Cancel' },
    stale: /^Another person or the platform has changed this recording/,
    none: 'Nothing was changed after the call was stored.',
    said: 'Reason: the caller named another agent',
    digits: 'other digits',
  },
  'zh-CN': {
    ...{ more: '谁听过这段录音', details: '详情', changes: '更正', open: '更正…' },
    ...{ agent: '坐席', from: '主叫', reason: '理由', save: '保存更正', cancel: '取消' },
    stale: /^您打开后，其他人或平台更改了这段录音的信息/,
    none: '录音存入后，信息没有更改过。',
    said: '理由：the caller named another agent',
    digits: '其他位数字不同',
  },
} as const;
const LOOKS: readonly Look[] = [{ language: 'en' }, { language: 'zh-CN', width: 390, height: 844 }];

describe.skipIf(!chromium.present)(`corrections ${chromium.reason}`, () => {
  const stage = sharedStage();
  const ids: string[] = [];
  beforeAll(async () => {
    const { world } = stage;
    for (const call of ['en', 'zh-CN'])
      ids.push(
        await world.deposited(world.harbour, call, wav(16_000), {
          'vault-meta-agent': 'Ann',
          'vault-meta-from': '13812345678',
          'vault-meta-field-product': 'loan',
          'vault-meta-wrap-up': 'refund',
        }),
      );
  });

  const open = async (id: string, look: Look, who: 'supervisor' | 'privacy' | 'reviewer') => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour[who], look);
    const { page } = person;
    const words = WORDS[look.language ?? 'en'];
    await page.goto(`/recordings/${id}`);
    await page.getByRole('button', { name: words.more }).click();
    const tab = (name: string) => page.getByRole('tab', { name, exact: true }).click();
    return { ...person, words, tab };
  };

  it.each(LOOKS)(
    'are made with a reason, survive a change by others, and are shown as a difference: %j',
    async (look) => {
      const id = ids[look.language === 'en' ? 0 : 1] ?? '';
      const { page, words, tab, complaints } = await open(id, look, 'supervisor');
      await tab(words.changes);
      await page.getByText(words.none).waitFor();
      await tab(words.details);
      await page.getByRole('button', { name: words.open }).click();
      const form = page.locator('form').filter({ has: page.getByRole('button', { name: words.save }) });
      await form.getByLabel(words.agent, { exact: true }).fill('Li Wei');
      const save = form.getByRole('button', { name: words.save });
      expect(await save.isDisabled()).toBe(true);
      await form.getByLabel(words.reason, { exact: true }).fill('the caller named another agent');
      expect(await form.getByLabel(words.from, { exact: true }).count()).toBe(0);
      expect(await axeFindings(page)).toEqual([]);

      const platform = { key: stage.world.harbour.uploader.key, json: { queue: 'claims' } };
      const amended = await stage.world.call('PATCH', `/v1/ingest/pbx/${look.language}`, platform);
      expect(amended.status).toBe(200);
      await save.click();
      await form.getByText(words.stale).waitFor();
      expect(await form.locator('.diff').textContent()).toMatch(/claims/);
      expect(await form.getByLabel(words.agent, { exact: true }).inputValue()).toBe('Li Wei');
      expect(await axeFindings(page)).toEqual([]);
      await save.click();
      await form.waitFor({ state: 'detached' });

      await tab(words.changes);
      await page.getByText(words.said).waitFor();
      const [newest, first] = await page.locator('.trail > li').all();
      expect(await newest?.locator('del').allInnerTexts()).toEqual([expect.stringMatching(/Ann$/)]);
      expect(await newest?.locator('ins').allInnerTexts()).toEqual([expect.stringMatching(/Li Wei$/)]);
      expect(await newest?.textContent()).toContain('Sue');
      expect(await first?.textContent()).toContain('claims');
      expect(await axeFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  it('of a number replace it whole, and show that hidden digits differ', async () => {
    const id = ids[0] ?? '';
    const { page, words, tab } = await open(id, { language: 'en' }, 'privacy');
    await tab(words.details);
    await page.getByRole('button', { name: words.open }).click();
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: words.save }) });
    await form.getByLabel(words.from, { exact: true }).fill('13899995678');
    await form.getByLabel(words.reason, { exact: true }).fill('misheard');
    await form.getByRole('button', { name: words.save }).click();
    await form.waitFor({ state: 'detached' });
    await tab(words.changes);
    const newest = page.locator('.trail > li').first();
    await newest.getByText(words.digits).waitFor();
    expect(await newest.textContent()).toContain('138****5678');
    expect(await page.content()).not.toContain('13899995678');
  });

  it('are not offered to reviewers, who see them', async () => {
    const { page, words, tab } = await open(ids[0] ?? '', { language: 'en' }, 'reviewer');
    await tab(words.changes);
    await page.locator('.trail > li').first().waitFor();
    await tab(words.details);
    expect(await page.getByRole('button', { name: words.open }).count()).toBe(0);
  });
});
