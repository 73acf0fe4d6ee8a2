// Assigning calls in a browser: selected on the recordings page, checked, signed with a passkey; reassigned, withdrawn.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import {
  addReviewer,
  allowAssignments,
  assignCalls,
  depositCalls,
  selectToAssign,
  supervisorWithPasskey,
} from './support/assigning.ts';
import { overflowingParts, WIDTHS } from './support/overflow.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`assigning calls ${chromium.reason}`, () => {
  const stage = sharedStage();
  const harbour = () => stage.world.harbour;

  it('says why no call can be assigned while the policy has no assignments', async () => {
    const recordings = await depositCalls(stage.world, harbour(), 'early', 1);
    const boss = await supervisorWithPasskey(stage, harbour().tenant);
    await selectToAssign(boss, recordings);
    await boss.page.getByText('The access policy allows no assignments').waitFor();
    await boss.page.getByText('Ask a privacy officer to propose a change of the policy').waitFor();
    expect(await boss.page.getByRole('button', { name: 'Assign with passkey' }).count()).toBe(0);
    await expectAccessibleAndInside(boss);
  });

  describe('under a policy with assignments', () => {
    beforeAll(async () => {
      await allowAssignments(stage.world, harbour().tenant);
    });
    const named = (name: string) => stage.world.named(harbour().tenant, name);
    const batchOf = ({ page }: Person, reason: string) => page.locator('.asg-batch').filter({ hasText: reason });

    it('selects calls by key, splits them between reviewers, and signs exactly that', async () => {
      await named('Grace Lim');
      await named('周子墨');
      await depositCalls(stage.world, harbour(), 'split', 5);
      const boss = await supervisorWithPasskey(stage, harbour().tenant);
      const { page } = boss;
      await page.goto('/recordings?span=all');
      const boxes = page.getByRole('checkbox', { name: /^Select \d/ });
      await boxes.first().focus();
      await page.keyboard.press('x');
      for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Shift+X');
      await page.getByRole('button', { name: 'Assign 4 calls…' }).click();
      await page.getByRole('heading', { name: 'Assign 4 calls' }).waitFor();
      expect(await page.getByLabel('Due').inputValue()).toMatch(/T18:00$/);
      await addReviewer(boss, 'Grace Lim');
      await addReviewer(boss, '周子墨');
      expect(await page.getByText(/^2 calls · \d+ min$/).count()).toBe(2);
      await page.getByText('All 4 calls allow quality').waitFor();
      await page.getByText('40 calls, 180 min').waitFor();
      await page.getByText('Calls may be assigned for quality').waitFor();
      await page.getByRole('combobox', { name: 'Purpose' }).click();
      expect(await page.getByRole('option').allTextContents()).toEqual(['Quality']);
      await page.keyboard.press('Escape');
      const reason = 'New renewal script since 16 Nov';
      await page.getByLabel('Reason').fill(reason);
      await expectAccessibleAndInside(boss);
      await page.getByRole('button', { name: 'Assign with passkey' }).click();
      const batch = batchOf(boss, reason);
      await batch.getByText('0 of 4 calls done').waitFor();
      expect(await batch.getByText('0 of 2', { exact: true }).count()).toBe(2);
      expect(await page.getByRole('heading', { name: 'Assign 4 calls' }).count()).toBe(0);
      expect(boss.complaints).toEqual([]);
    });

    it('leaves out calls that a reviewer has already, and says so', async () => {
      await named('Tan Wei Ling');
      const recordings = await depositCalls(stage.world, harbour(), 'again', 3);
      const boss = await supervisorWithPasskey(stage, harbour().tenant);
      await assignCalls(boss, recordings.slice(0, 1), ['Tan Wei Ling'], 'The first of them');
      await selectToAssign(boss, recordings);
      await addReviewer(boss, 'Tan Wei Ling');
      await boss.page.getByText('1 of 3 cannot be assigned').waitFor();
      await boss.page.getByText('the reviewer already has access to it').first().waitFor();
      await boss.page.getByLabel('Reason').fill('The rest of them');
      await boss.page.getByRole('button', { name: 'Assign 2 with passkey' }).click();
      await batchOf(boss, 'The rest of them').getByText('0 of 2 calls done').waitFor();
      expect(boss.complaints).toEqual([]);
    });

    it('gives a returned call to another reviewer, who finds it in their queue', async () => {
      const [amara, ravi] = [await named('Amara Osei'), await named('Ravi Shah')];
      const recordings = await depositCalls(stage.world, harbour(), 'returned', 2);
      const boss = await supervisorWithPasskey(stage, harbour().tenant);
      await assignCalls(boss, recordings, ['Amara Osei'], 'Complaint calls of the week');
      const first = await stage.signIn(harbour().tenant, { id: amara });
      await first.page.goto('/my-queue');
      await first.page.getByRole('button', { name: /^Return/ }).click();
      const dialog = first.page.getByRole('dialog', { name: 'Return this call' });
      await dialog.getByLabel('Reason').fill('I know the caller');
      await dialog.getByRole('button', { name: 'Return' }).click();
      const batch = batchOf(boss, 'Complaint calls of the week');
      await batch.getByText('1 returned', { exact: true }).waitFor();
      await batch.getByRole('button', { name: 'Reassign calls of Amara Osei…' }).click();
      const choosing = boss.page.getByRole('dialog', { name: 'Reassign calls of Amara Osei' });
      await choosing.getByText('“I know the caller”').waitFor();
      await expectAccessibleAndInside(boss);
      await choosing.getByRole('button', { name: 'Choose a reviewer for 1 call' }).click();
      await boss.page.getByRole('heading', { name: 'Reassign 1 call' }).waitFor();
      expect(await boss.page.getByLabel('Reason').inputValue()).toBe('Complaint calls of the week');
      await addReviewer(boss, 'Ravi Shah');
      await boss.page.getByLabel('Reason').fill('Instead of Amara');
      await boss.page.getByRole('button', { name: 'Assign with passkey' }).click();
      await batchOf(boss, 'Instead of Amara').getByText('0 of 1 call done').waitFor();
      await batch.getByText('0 of 1 call done').waitFor();
      const second = await stage.signIn(harbour().tenant, { id: ravi });
      await second.page.goto('/my-queue');
      await second.page.getByText('“Instead of Amara”').waitFor();
      expect([...boss.complaints, ...first.complaints, ...second.complaints]).toEqual([]);
    });

    it('says that the passkey was not accepted, and assigns nothing', async () => {
      await named('Oliver Grant');
      const recordings = await depositCalls(stage.world, harbour(), 'cancelled', 1);
      const boss = await supervisorWithPasskey(stage, harbour().tenant);
      await selectToAssign(boss, recordings);
      await addReviewer(boss, 'Oliver Grant');
      await boss.page.evaluate(() => {
        navigator.credentials.get = () => Promise.reject(new DOMException('cancelled', 'NotAllowedError'));
      });
      await boss.page.getByLabel('Reason').fill('never made');
      await boss.page.getByRole('button', { name: 'Assign with passkey' }).click();
      await boss.page.getByRole('alert').getByText('Nothing was assigned.', { exact: false }).waitFor();
      expect(await boss.page.getByText('“never made”').count()).toBe(0);
    });

    it.each(LOOKS)('is accessible, and nothing is cut off, %o', async (look) => {
      const name = `Victor Goh ${look.language} ${look.width ?? 0}`;
      await named(name);
      const recordings = await depositCalls(stage.world, harbour(), name.replaceAll(' ', '-'), 3);
      const boss = await supervisorWithPasskey(stage, harbour().tenant, look);
      const { page } = boss;
      await assignCalls(boss, recordings.slice(0, 2), [name], 'Does the agent explain the cooling-off period in full?');
      await selectToAssign(boss, recordings);
      await addReviewer(boss, name);
      if (look.language === 'zh-CN') await page.getByRole('button', { name: '中文' }).click();
      await untilLoaded(boss);
      const found: Record<number, readonly string[]> = {};
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width < 700 ? 844 : 768 });
        const out = await overflowingParts(page);
        if (out.length > 0) found[width] = out;
      }
      expect(found).toEqual({});
      await page.setViewportSize({ width: look.width ?? 1366, height: look.height ?? 768 });
      await expectAccessibleAndInside(boss);
    });
  });
});
