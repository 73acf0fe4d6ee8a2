// The consent page in browsers: notices, a withdrawal, a restriction by one person and lifting it by two.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { takeLooks } from './support/looks.ts';
import { overflowingParts } from './support/overflow.ts';
import { axeFindings, expectAccessibleAndInside } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const NUMBER = '+44 20 7946 0123';

describe.skipIf(!chromium.present)(`consent in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-consent-'));
  let call = '';

  /** A person of the role, in a browser with a passkey. */
  const signedIn = async (role: 'privacy' | 'admin' | 'auditor'): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, [role]), { language: 'en' });
    await addPasskey(person);
    return person;
  };
  const recordingNow = async () => {
    const reply = await stage.world.call('GET', `/v1/recordings/${call}`, { key: stage.world.harbour.privacy.key });
    return (await reply.json()) as { basis: { withdrawn?: { purposes: string[] } }; restricted: object | null };
  };

  it('begins empty, and adds a notice, its next version and another language', async () => {
    const { world } = stage;
    const headers = { 'vault-meta-from': NUMBER, 'vault-meta-direction': 'inbound', 'vault-meta-basis': 'consent' };
    call = await world.deposited(world.harbour, 'asked-1', wav(1000), {
      ...headers,
      'vault-meta-basis-at': '2026-11-01T09:00:00Z',
    });
    const officer = await signedIn('privacy');
    const { page } = officer;
    await page.goto('/consent');
    await page.getByRole('heading', { name: 'No notices' }).waitFor();
    await page.getByRole('heading', { name: 'No withdrawals' }).waitFor();
    await untilLoaded(officer);
    await expectAccessibleAndInside(officer);
    const notices = page.getByRole('region', { name: 'Notices' });
    const add = async (button: string, title: string, language: string, text: string): Promise<void> => {
      await notices.getByRole('button', { name: button }).press('Enter');
      const form = page.getByRole('dialog', { name: title });
      await form.getByLabel('Language').fill(language);
      await form.getByLabel('Text').fill(text);
      expect(await axeFindings(page)).toEqual([]);
      await form.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    };
    await add('New notice…', 'Add a notice', 'english!', 'This call is recorded.');
    const form = page.getByRole('dialog', { name: 'Add a notice' });
    await form.getByText('This is not a language tag').waitFor();
    await form.getByLabel('Language').fill('en');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await notices.getByText('This call is recorded.').waitFor();
    await add(
      'New version…',
      'Add the next version',
      'en',
      'This call is recorded to check the quality of our service.',
    );
    await notices.getByText('Version 2').waitFor();
    await add('Other language…', 'Add version 2 in another language', 'zh-CN', '为检查服务质量，本次通话将被录音。');
    await notices.getByText('为检查服务质量，本次通话将被录音。').waitFor();
    await notices.getByText('1 earlier version').click();
    await notices.getByText('This call is recorded.', { exact: true }).waitFor();
    expect(officer.complaints).toEqual([]);
  });

  it('records a withdrawal after saying what it does', async () => {
    const officer = await signedIn('privacy');
    const { page } = officer;
    await page.goto('/consent');
    await page.getByRole('button', { name: 'Record a withdrawal…' }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Record a withdrawal of consent' });
    await form.getByText('It takes effect at once and cannot be undone.').waitFor();
    const withdraw = form.getByRole('button', { name: 'Withdraw consent' });
    await form.getByLabel('Reason').fill('Letter of 28 November');
    expect(await withdraw.isEnabled()).toBe(false);
    await form.getByRole('textbox', { name: 'Number', exact: true }).fill('020 7946 0123 ');
    await form.getByRole('textbox', { name: 'Number', exact: true }).fill(NUMBER);
    await form.getByLabel('Withdrawn at').fill('2099-01-01T10:00');
    await form.getByText('This is in the future').waitFor();
    expect(await withdraw.isEnabled()).toBe(false);
    await form.getByLabel('Withdrawn at').fill('');
    await form.getByRole('checkbox', { name: 'Training' }).press('Space');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowingParts(page)).toEqual([]);
    await withdraw.press('Enter');
    const list = page.getByRole('region', { name: 'Withdrawals' });
    await list.getByRole('cell', { name: 'Training' }).waitFor();
    await expect.poll(async () => (await recordingNow()).basis.withdrawn?.purposes).toEqual(['training']);
    expect(officer.complaints).toEqual([]);
  });

  it('takes pictures in which nothing is cut off', { timeout: 300_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const officer = await signedIn('privacy');
    const click = (selector: string) => async (page: Person['page']) => {
      await page.locator(selector).first().click();
      await page.locator('[role=dialog] form').waitFor();
    };
    const found = {
      ...(await takeLooks(officer, folder, 'page', '/consent')),
      ...(await takeLooks(officer, folder, 'withdraw', '/consent', click('.list-head .btn'))),
      ...(await takeLooks(officer, folder, 'restrict', '/consent', click('aside .btn'))),
      ...(await takeLooks(officer, folder, 'recording', `/recordings/${call}`)),
    };
    expect(found).toEqual({});
    expect(officer.complaints).toEqual([]);
  });

  it('restricts a recording on its page, says so, and lifts that by two people', { timeout: 300_000 }, async () => {
    const officer = await signedIn('privacy');
    const admin = await signedIn('admin');
    const { page } = officer;
    await page.goto(`/recordings/${call}`);
    const details = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Who listened to this recording' }).click();
      await page.getByRole('tab', { name: 'Details' }).click();
    };
    await details();
    await page.getByRole('button', { name: 'Restrict…' }).click();
    const form = page.getByRole('dialog', { name: 'Restrict a recording' });
    await form.getByRole('combobox', { name: 'Ground' }).click();
    await page.getByRole('option', { name: 'Its accuracy is contested' }).click();
    await form.getByLabel('Reason').fill('The caller denies the order');
    expect(await axeFindings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Restrict', exact: true }).click();
    await page.getByText(/^Its accuracy is contested · /).waitFor();
    await page
      .locator('.kept-line')
      .getByText(/Its processing is restricted: it does not expire/)
      .waitFor();
    expect((await recordingNow()).restricted).toMatchObject({ ground: 'accuracy' });
    await page.goto('/consent');
    await page.getByRole('button', { name: 'Propose to lift…' }).click();
    const lift = page.getByRole('dialog', { name: 'Propose to lift restrictions' });
    await lift.getByLabel('Ids of recordings').fill(call);
    await lift.getByLabel('Reason').fill('The order was proven');
    await lift.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.waitForURL(/\/changes\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    await admin.page.goto('/consent');
    await admin.page.getByText(/proposes to lift 1 restriction/).waitFor();
    expect(await admin.page.getByRole('button', { name: 'Record a withdrawal…' }).count()).toBe(0);
    await admin.page.getByRole('link', { name: 'Review' }).click();
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await admin.page.getByText('Already decided').waitFor();
    expect((await recordingNow()).restricted).toBeNull();
    await page.goto(`/recordings/${call}`);
    await details();
    await page.getByRole('button', { name: 'Restrict…' }).waitFor();
    expect([...officer.complaints, ...admin.complaints]).toEqual([]);
  });
});
