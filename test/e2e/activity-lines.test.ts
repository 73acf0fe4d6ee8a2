// Activity page in a browser: its default filters, its chips, and the text of its rows.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { CALL_LABEL, makeHeardCall, openAsAuditor, rowsWith } from './support/heard-call.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`the lines of the activity page ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    recording = await makeHeardCall(stage.world);
  });

  const come = (look = {}, path?: string) => openAsAuditor(stage, look, path);

  test('shows listening and decisions by default; chips show the rest, and the address has the choice', async () => {
    const { page } = await come();
    await rowsWith(page, 'Revoked a grant').waitFor();
    const lines = page.locator('.act-tbl tbody tr');
    expect(await lines.locator('.wide-cell .act-do').allTextContents()).toEqual([
      'Listening ended',
      'Revoked a grant',
      'Began to listen',
      'Approved a request',
    ]);
    const chip = (name: string) => page.getByRole('group', { name: 'Events shown' }).getByRole('button', { name });
    expect(await chip('Listening').getAttribute('aria-pressed')).toBe('true');
    await chip('Requests').click();
    await rowsWith(page, 'Requested access').waitFor();
    expect(new URL(page.url()).searchParams.get('group')).toBe('listening,decisions,requests');
    await page.reload();
    await rowsWith(page, 'Requested access').waitFor();
    await rowsWith(page, 'Began to listen').waitFor();
    await chip('Decisions').focus();
    await page.keyboard.press('Space');
    await rowsWith(page, 'Approved a request').waitFor({ state: 'detached' });
    expect(await chip('Decisions').getAttribute('aria-pressed')).toBe('false');
    await chip('Everything').click();
    await rowsWith(page, 'Added a person').first().waitFor();
    expect(new URL(page.url()).search).toBe('?group=all');
  });

  test('shows a call by number, queue and agent, and not by its id', async () => {
    const { page } = await come();
    await rowsWith(page, 'Approved a request').locator('.wide-cell').getByText(CALL_LABEL).waitFor();
    await rowsWith(page, 'Listening ended').locator('.wide-cell').getByText(`Rita · ${CALL_LABEL}`).waitFor();
    expect(await page.getByRole('table').textContent()).not.toContain('rec_');
    await page.getByRole('button', { name: /^Details of event \d+: Approved a request, Sue$/ }).click();
    const detail = page.locator('.exw');
    await detail.getByText(CALL_LABEL).waitFor();
    await detail.getByRole('button', { name: 'All about this recording' }).click();
    await rowsWith(page, 'Upload finished').waitFor();
    expect(await page.getByLabel('Recording id').inputValue()).toBe(recording);
  });

  test.each(LOOKS)('shows an upload as one row that expands to its events, %o', async (look) => {
    const person = await come(look, '/activity?group=recordings');
    const { page } = person;
    await rowsWith(page, /Upload finished|上传完成/).waitFor();
    expect(await page.locator('.act-tbl tbody tr').count()).toBe(1);
    const line = page.getByRole('button', {
      name: /^4 events of this upload: Upload finished, pbx$|^此次上传的 4 条事件/,
    });
    await line.focus();
    await page.keyboard.press('Enter');
    await page.locator('.act-tbl tr.inside').nth(3).waitFor();
    expect(await page.locator('.act-tbl tbody tr').count()).toBe(5);
    await page.locator('.act-tbl tr.inside button').last().click();
    await page.locator('.exw').waitFor();
    await expectAccessibleAndInside(person);
    await line.press('Space');
    await page.locator('.act-tbl tr.inside').first().waitFor({ state: 'detached' });
  });

  test.each(['en', 'zh-CN'] as const)('shows the first event above the fold on a phone, in %s', async (language) => {
    const person = await come({ language, width: 390, height: 844 });
    const { page } = person;
    const box = await page.locator('.act-tbl tbody tr').first().boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 844)).toBeLessThanOrEqual(844);
    expect(await page.locator('.act-tbl .act-about').first().textContent()).toContain(CALL_LABEL);
    const more = page.getByRole('button', { name: /^(Filters|筛选)$/ });
    expect(await page.getByRole('combobox').isVisible()).toBe(false);
    await more.click();
    await page.getByRole('combobox').waitFor();
    await page.getByRole('button', { name: /^(Today|今天)$/ }).click();
    await page.getByRole('button', { name: /^(Filters · 1 on|筛选（已选 1 项）)$/ }).waitFor();
    const checked = page.getByRole('button', { name: /^(What was checked|验证了什么)$/ });
    expect(await page.locator('.vss').isVisible()).toBe(false);
    await checked.click();
    await page.locator('.vss').waitFor();
    await expectAccessibleAndInside(person);
  });

  test('reports that no one has listened yet, and shows every event on demand', async () => {
    const { tenant, auditor } = stage.world.yunhai;
    const person = await stage.signIn(tenant, auditor);
    const { page } = person;
    await page.goto('/activity');
    await page.getByText('No one has listened yet').waitFor();
    await expectAccessibleAndInside(person);
    await page.getByRole('button', { name: 'Show every event' }).click();
    await rowsWith(page, 'Tenant created').waitFor();
    expect(page.url()).toMatch(/\?group=all$/);
  });
});
