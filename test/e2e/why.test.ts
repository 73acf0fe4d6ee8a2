// Reasons why a person may not listen: no tick on a missing check, no result for unreached checks, and no request form
// where a request cannot help.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { axeFindings } from './support/page-checks.ts';
import { type Look, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const WORDS = {
  en: {
    quarantine: ['Quarantine check', 'Not passed: no legal basis', 'Not passed'],
    idle: ['Purpose', 'Not reached', 'Not reached'],
    outlook: /^A request cannot change this: only a privacy officer may listen/,
    fact: 'No legal basis',
    hope: /of \d+ checks|Another purpose may be allowed/,
    ask: ['Approval by another person', 'Not requested yet', 'Not passed'],
    after: ['Grant', 'Checked after approval', 'Not reached'],
    counted: '7 of 9 checks passed. Send a request; the decision appears here.',
    basis: 'None recorded; this purpose does not need one',
  },
  'zh-CN': {
    quarantine: ['隔离检查', '未通过（缺少法律依据）', '未通过'],
    idle: ['用途', '未进行', '未进行'],
    outlook: /^提交申请无法改变此结果：在补录法律依据之前，只有隐私专员可以收听。/,
    fact: '缺少法律依据',
    hope: /项检查|其他用途或许可以/,
    ask: ['他人批准', '尚未申请', '未通过'],
    after: ['调听授权', '批准后检查', '未进行'],
    counted: '9 项检查已通过 7 项。请提交申请，审批结果会显示在这里。',
    basis: '未记录；该用途不要求',
  },
} as const;
const LOOKS: readonly Look[] = [{ language: 'en' }, { language: 'zh-CN', width: 390, height: 844 }];

describe.skipIf(!chromium.present)(`why a person may not listen ${chromium.reason}`, () => {
  const stage = sharedStage();
  let [missing, plain] = ['', ''];
  beforeAll(async () => {
    const { world } = stage;
    const put = async (call: string, basis: string): Promise<string> => {
      return world.deposited(world.harbour, call, wav(16_000), { 'vault-meta-basis': basis });
    };
    [missing, plain] = [await put('missing', 'none'), await put('plain', 'consent')];
  });

  const open = async (id: string, look: Look, who: 'reviewer' | 'privacy' = 'reviewer') => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour[who], look);
    await person.page.goto(`/recordings/${id}/ask`);
    const lines = person.page.locator('.checks .ck');
    await lines.first().waitFor();
    /** A check by its name: its name, its detail, and the label of its icon. */
    const line = async (name: string): Promise<string[]> => {
      const one = lines.filter({ has: person.page.locator('.tt').getByText(name, { exact: true }) });
      return Promise.all(
        ['.tt', '.d', '.st'].map(async (part) => ((await one.locator(part).textContent()) ?? '').trim()),
      );
    };
    return { ...person, lines, line, words: WORDS[look.language ?? 'en'] };
  };

  it.each(LOOKS)('shows a missing basis without a tick, and that a request cannot help, %o', async (look) => {
    const { page, line, lines, words, complaints } = await open(missing, look);
    expect(await line(words.quarantine[0])).toEqual(words.quarantine);
    expect(await line(words.idle[0])).toEqual(words.idle);
    const marks = await lines.locator('.st').allTextContents();
    const failed = marks.findIndex((mark) => mark.trim() === words.quarantine[2]);
    expect(failed).toBeGreaterThan(0);
    expect(new Set(marks.slice(failed + 1).map((mark) => mark.trim()))).toEqual(new Set([words.idle[2]]));
    await page.getByText(words.outlook).waitFor();
    const fact = page.locator('.facts .no', { hasText: words.fact });
    await fact.waitFor();
    expect(await page.locator('.facts').locator('svg.lucide-check').count()).toBe(0);
    expect(await page.getByText(words.hope).count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each(LOOKS)('counts the passed checks when one step is left, %o', async (look) => {
    const { page, line, words } = await open(plain, look);
    expect(await line(words.ask[0])).toEqual(words.ask);
    expect(await line(words.after[0])).toEqual(words.after);
    await page.getByText(words.counted).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it.each(LOOKS)('shows that a purpose needs no basis, %o', async (look) => {
    const { page, lines, words } = await open(missing, look, 'privacy');
    await page
      .getByRole('combobox')
      .or(page.getByRole('textbox', { name: /^(Purpose|用途)$/ }))
      .first()
      .click();
    await page.getByRole('option', { name: /^(Legal|法律事务)$/ }).click();
    await lines.getByText(words.basis).waitFor();
  });
});
