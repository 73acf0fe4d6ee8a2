// Access requests: the form, and the page after it was sent.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`asking ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    [recording = ''] = [...(await uploadSamples(stage.world, stage.world.harbour, 'harbour')).values()];
  });

  const form = async (): Promise<Person> => {
    const { tenant, reviewer } = stage.world.harbour;
    const person = await stage.signIn(tenant, reviewer);
    await person.page.goto(`/recordings/${recording}/ask`);
    await person.page.getByLabel('Reason').waitFor();
    return person;
  };

  test('moves nothing when a too short reason loses focus', async () => {
    const { page, context } = await form();
    await page.getByLabel('Reason').fill('short');
    const hour = page.getByRole('button', { name: '60 min' });
    const before = await hour.boundingBox();
    await hour.click();
    expect(await hour.getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByLabel('Reason').getAttribute('aria-invalid')).toBe('true');
    expect(await hour.boundingBox()).toEqual(before);
    await context.close();
  });

  test('shows the waiting request on the page and under My access', async () => {
    const { page, context } = await form();
    await page.getByLabel('Reason').fill('Weekly quality sample, CS-20261125-0417');
    await page.getByRole('button', { name: '30 min' }).click();
    await page.getByRole('button', { name: 'Send request', exact: true }).click();
    const card = page.locator('.ask-card').filter({ hasText: 'Your request' });
    for (const said of ['Weekly quality sample, CS-20261125-0417', 'CS-20261125-0417', '30 min', 'Listen, transcript'])
      await card.getByRole('definition').getByText(said, { exact: true }).waitFor();
    await page.goto('/access?tab=pending');
    await page.getByRole('cell', { name: '“Weekly quality sample, CS-20261125-0417”' }).waitFor();
    await page.getByRole('button', { name: /^Withdraw/ }).click();
    await page.getByText('Nothing is waiting').waitFor();
    await context.close();
  });

  test('accepts a typed length, shows its range, and does not send an invalid one', async () => {
    const { page, context } = await form();
    await page.getByLabel('Reason').fill('Weekly quality sample');
    await page.getByRole('button', { name: 'Other' }).click();
    const minutes = page.getByLabel('Minutes');
    const ask = page.getByRole('button', { name: 'Send request', exact: true });
    const said = page.getByText('Whole minutes, from 1 to 60.');
    expect(await minutes.evaluate((input) => input === document.activeElement)).toBe(true);
    for (const wrong of ['', '0', '999', 'ten', '1.5']) {
      await minutes.fill(wrong);
      expect(await minutes.inputValue()).toBe(wrong);
      expect(await minutes.getAttribute('aria-invalid')).toBe('true');
      expect(await said.isVisible()).toBe(true);
      expect(await ask.isDisabled()).toBe(true);
    }
    await minutes.fill('');
    await minutes.pressSequentially('5');
    expect(await minutes.inputValue()).toBe('5');
    const sent = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/access-requests'));
    await page.route('**/v1/access-requests', (route) => route.abort());
    await ask.click();
    expect((await sent).postDataJSON()).toMatchObject({ minutes: 5 });
    await context.close();
  });

  test.each([
    ['en', 'Reason', 'Send request', 'This purpose allows 1 to 60 minutes. Nothing was changed.'],
    ['zh-CN', '理由', '提交申请', '该用途允许的时长为 1 至 60 分钟。'],
  ] as const)('shows the failed check of a denied request, in %s', async (language, reason, submit, said) => {
    const { tenant, reviewer } = stage.world.harbour;
    const { page, context } = await stage.signIn(tenant, reviewer, { language });
    await page.goto(`/recordings/${recording}/ask`);
    await page.getByLabel(reason).fill('Weekly quality sample');
    // The page has read the policy; a change since then rejects a purpose that it offered.
    await page.route('**/v1/access-requests', (route) => {
      const wish = route.request().postDataJSON() as object;
      return route.continue({ postData: JSON.stringify({ ...wish, minutes: 61 }) });
    });
    await page.getByRole('button', { name: submit, exact: true }).click();
    await page.getByText(said).waitFor();
    await context.close();
  });

  test('prefills the ticket of the recording, and replaces it by one in the reason', async () => {
    const { page, context } = await form();
    const ticket = page.getByRole('textbox', { name: /^Ticket/ });
    const reason = page.getByRole('textbox', { name: /^Reason/ });
    const there = await ticket.inputValue();
    expect(there).not.toBe('');
    await page.getByText('from the recording').waitFor();
    await reason.fill('Late call-back, see CS-20261125-0417');
    expect(await ticket.inputValue()).toBe('CS-20261125-0417');
    await reason.fill('Weekly quality sample');
    expect(await ticket.inputValue()).toBe(there);
    const sent = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/access-requests'));
    await page.route('**/v1/access-requests', (route) => route.abort());
    await page.getByRole('button', { name: 'Send request', exact: true }).click();
    expect((await sent).postDataJSON()).toMatchObject({ ticket: there });
    await ticket.fill('');
    expect(await ticket.inputValue()).toBe('');
    await page.getByText('optional').waitFor();
    await context.close();
  });
});
