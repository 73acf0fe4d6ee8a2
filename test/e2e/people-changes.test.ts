// Changing people in browsers: one admin proposes roles, training and imports, another person approves; one deactivates.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`changing people in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  const come = async (look: Look = {}, hasPasskey = false): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const admin = await stage.signIn(tenant, await stage.world.person(tenant, ['admin']), look);
    if (hasPasskey) await addPasskey(admin);
    await admin.page.goto('/people');
    await admin.page.getByRole('table').first().waitFor();
    return admin;
  };
  const rowOf = ({ page }: Person, name: string) => page.getByRole('row').filter({ hasText: name });
  const proposedAt = async ({ page }: Person): Promise<string> => {
    await page.waitForURL(/\/changes\/chg_/);
    return new URL(page.url()).pathname;
  };
  const officer = async (): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, ['privacy']));
    await addPasskey(person);
    return person;
  };

  test.each(LOOKS)('shows the form, the import with its faults and the menu accessibly, %o', async (look) => {
    const { tenant } = stage.world.harbour;
    await stage.world.named(tenant, 'Dana');
    const admin = await come(look);
    const { page } = admin;
    await page.getByRole('button', { name: /^(Import…|导入…)$/ }).click();
    const table = 'name,roles,trained_until\nWei,reviewer,2027-03-31\nMo,"admin, auditor",\nDana,reviewer,31.03.2027';
    await page.getByLabel(/^(Or paste the table|或粘贴表格)$/).fill(table);
    await page.getByRole('button', { name: /^(Check the table|检查表格)$/ }).click();
    await page.getByText(/2 lines have a fault|2 行有误/).waitFor();
    await page.waitForTimeout(300);
    await expectAccessibleAndInside(admin);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^(Actions for|对)/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: /^(Change roles|变更角色)/ }).click();
    await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
    await page.waitForTimeout(300);
    await expectAccessibleAndInside(admin);
  });

  test('proposes a role and training by keyboard, and a privacy officer sees the difference and approves', async () => {
    const { tenant } = stage.world.harbour;
    const id = await stage.world.named(tenant, 'Farah');
    const admin = await come({}, true);
    const { page } = admin;
    await page.getByRole('button', { name: 'Actions for Farah' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Change roles or training…' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Roles and training of Farah' });
    await dialog.getByLabel('Auditor').focus();
    await page.keyboard.press('Space');
    await dialog.getByText('exclude each other').waitFor();
    await page.keyboard.press('Space');
    await dialog.getByLabel('Supervisor').focus();
    await page.keyboard.press('Space');
    await dialog.getByLabel('Training until').fill('2031-03-31');
    await dialog.getByLabel('Reason').fill('Leads the night shift');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const path = await proposedAt(admin);
    await page.goto('/people');
    await rowOf(admin, 'Farah').getByText('change waits').waitFor();
    await page.getByText('1 change of people needs a second approver.').waitFor();

    const rita = await officer();
    await rita.page.goto(path);
    await rita.page.getByRole('row', { name: /Farah .*Reviewer.* Reviewer · Supervisor.*31 Mar 2031/ }).waitFor();
    await untilLoaded(rita);
    await expectAccessibleAndInside(rita);
    await rita.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await rita.page.getByText('The change is approved').waitFor();
    await page.reload();
    await rowOf(admin, 'Farah').getByRole('cell', { name: '31 Mar 2031', exact: true }).waitFor();
    const row = await stage.world.vault.db.read((rows) => rows.principals.find(tenant, id), {
      signal: AbortSignal.timeout(60_000),
    });
    expect(row).toMatchObject({ roles: ['reviewer', 'supervisor'], trainedUntil: '2031-03-31' });
    // Removing a role needs no one else.
    await page.getByRole('button', { name: 'Actions for Farah' }).click();
    await page.getByRole('menuitem', { name: 'Change roles or training…' }).click();
    await dialog.getByLabel('Supervisor').click();
    await dialog.getByRole('button', { name: 'Remove now' }).click();
    await page.getByText('The roles are removed').waitFor();
    await rowOf(admin, 'Farah').locator('.tag', { hasText: 'Supervisor' }).waitFor({ state: 'detached' });
    expect([admin.complaints, rita.complaints]).toEqual([[], []]);
  });

  test('imports a table as one change, and shows a formula as text', async () => {
    const admin = await come({}, true);
    const { page } = admin;
    await page.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import people' });
    const lines = Array.from({ length: 60 }, (_, n) => `Intake ${n},reviewer,2031-03-31`);
    const buffer = Buffer.from(['name,roles,trained until', ...lines, '=1+1,auditor,'].join('\n'));
    await dialog.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
    await dialog.getByText('61 new people').waitFor();
    await dialog.getByRole('cell', { name: '=1+1' }).waitFor();
    await dialog.getByLabel('Reason').fill('Autumn intake');
    await dialog.getByRole('button', { name: 'Propose 61 rows' }).click();
    const path = await proposedAt(admin);
    const rita = await officer();
    await rita.page.goto(path);
    await rita.page.getByRole('row', { name: /=1\+1 .*new Auditor/ }).waitFor();
    await rita.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await rita.page.getByText('The change is approved').waitFor();
    await page.goto('/people');
    await page.getByLabel('Find by name').fill('=1');
    await rowOf(admin, '=1+1').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const { readFile } = await import('node:fs/promises');
    const saved = await readFile(await (await saving).path(), 'utf8');
    expect(saved).toContain(",'=1+1,auditor,");
    expect(saved.split('\r\n').length).toBeGreaterThan(61);
    expect([admin.complaints, rita.complaints]).toEqual([[], []]);
  });

  test('asks for UTF-8 where a table has another encoding, in both languages', async () => {
    // “姓名,角色”, and a reviewer, in GBK.
    const buffer = Buffer.from('d0d5c3fb2cbdc7c9ab0ac0eec4c82c7265766965776572', 'hex');
    for (const [language, text] of [
      ['en', 'The table is not UTF-8. Save it as UTF-8'],
      ['zh-CN', '表格不是 UTF-8 编码。请另存为 UTF-8'],
    ] as const) {
      const { page, complaints, requests } = await come({ language });
      await page.getByRole('button', { name: /^(Import…|导入…)$/ }).click();
      const dialog = page.getByRole('dialog');
      const input = dialog.getByLabel(/^(CSV file|CSV 文件)$/);
      await input.setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer });
      await dialog.getByText(text).waitFor();
      expect(await dialog.getByRole('button', { name: /^(Check the table|检查表格)$/ }).isDisabled()).toBe(true);
      const utf8 = Buffer.from('姓名,角色\n李娜,质检员');
      await input.setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: utf8 });
      await dialog.getByRole('cell', { name: '李娜' }).waitFor();
      expect(await dialog.getByText(text).count()).toBe(0);
      expect(requests.filter((sent) => sent.includes('/import/preview'))).toHaveLength(1);
      expect(complaints).toEqual([]);
    }
  });

  test('reads a corrected file that has the same name, and says when a file cannot be read', async () => {
    const { page, complaints } = await come();
    await page.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import people' });
    const input = dialog.getByLabel('CSV file');
    const file = (text: string) => ({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await input.setInputFiles(file('name,roles\nWei,boss'));
    await dialog.getByText('There is no such role.').waitFor();
    // A browser reports no change where the same file is chosen twice.
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), input.click()]);
    expect(await input.inputValue()).toBe('');
    await chooser.setFiles(file('name,roles\nWei,reviewer'));
    await dialog.getByText('1 new person').waitFor();
    await page.evaluate(() => {
      File.prototype.text = () => Promise.reject(new DOMException('', 'NotReadableError'));
    });
    await input.setInputFiles(file('name,roles\nMo,reviewer'));
    await dialog.getByRole('alert').filter({ hasText: 'The file cannot be read.' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('deactivates a person after a question: their browser is signed out', async () => {
    const { tenant } = stage.world.harbour;
    const id = await stage.world.named(tenant, 'Gero');
    const gero = await stage.signIn(tenant, { id });
    const admin = await come();
    const { page } = admin;
    await page.getByRole('button', { name: 'Actions for Gero' }).click();
    await page.getByRole('menuitem', { name: 'Deactivate…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deactivate Gero?' });
    await dialog.getByRole('button', { name: 'Deactivate', exact: true }).click();
    await page.getByText('Gero is deactivated').waitFor();
    await rowOf(admin, 'Gero').getByRole('cell', { name: 'Deactivated', exact: true }).waitFor();
    const signIn = gero.page.getByRole('heading', { name: 'Sign in' });
    // The page may notice by itself before the click.
    const link = gero.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Recordings' });
    await link.or(signIn).first().click();
    await signIn.waitFor();
    await page.getByRole('button', { name: 'Actions for Gero' }).click();
    await page.getByRole('menuitem', { name: 'Bring back…' }).click();
    await page.getByRole('dialog', { name: 'Bring Gero back' }).getByLabel('Reviewer').click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Back from leave');
    await page.getByRole('dialog').getByRole('button', { name: 'Propose' }).click();
    await proposedAt(admin);
    await page.getByRole('row', { name: /Gero .*Deactivated.*Reviewer/ }).waitFor();
    expect(admin.complaints).toEqual([]);
  });
});
