// The pages of legal holds in browsers: placing one by search and by a list, and lifting it by two people.
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

describe.skipIf(!chromium.present)(`legal holds in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-holds-'));
  const calls: string[] = [];

  /** A person of the role, in a browser with a passkey. */
  const signedIn = async (role: 'privacy' | 'admin' | 'auditor'): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, [role]), { language: 'en' });
    await addPasskey(person);
    return person;
  };
  const holdsNow = async () => {
    const reply = await stage.world.call('GET', '/v1/holds', { key: stage.world.harbour.privacy.key });
    return ((await reply.json()) as { data: { id: string; state: string; title: string; held: number }[] }).data;
  };

  it('begins empty, and places a hold by search with the keyboard', async () => {
    const { world } = stage;
    for (const [n, direction] of [
      [1, 'inbound'],
      [2, 'inbound'],
      [3, 'outbound'],
    ] as const) {
      const headers = { 'vault-meta-direction': direction, 'vault-meta-queue': 'cards' };
      calls.push(await world.deposited(world.harbour, `held-${n}`, wav(1000), headers));
    }
    const officer = await signedIn('privacy');
    const { page } = officer;
    await page.goto('/holds');
    await page.getByRole('heading', { name: 'No legal holds' }).waitFor();
    await untilLoaded(officer);
    await expectAccessibleAndInside(officer);
    await page.getByRole('button', { name: 'Place a hold…' }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Place a legal hold' });
    const place = form.getByRole('button', { name: 'Place hold' });
    await form.getByLabel('Reference').fill('HB-2026-014');
    await form.getByLabel('Title').fill('Fenwick v Harbour');
    await form.getByLabel('Review').fill('2037-06-30');
    expect(await place.isEnabled()).toBe(false);
    await form.getByLabel('Hold every recording').waitFor();
    await form.getByRole('button', { name: 'Add a number, agent, field…' }).press('Enter');
    await form.getByRole('textbox', { name: 'Number', exact: true }).fill('+44 1234 567890');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowingParts(page)).toEqual([]);
    await form.getByRole('button', { name: 'Remove Number' }).press('Enter');
    await form.getByRole('combobox', { name: 'Direction' }).click();
    await page.getByRole('option', { name: 'Inbound' }).click();
    await form.getByLabel('Also hold recordings that match later').press('Space');
    await place.press('Enter');
    await page.waitForURL(/\/holds\/hld_/);
    await page.getByRole('heading', { name: 'Fenwick v Harbour' }).waitFor();
    await page.getByText('and later matches').waitFor();
    await page.getByRole('region', { name: 'Recordings', exact: true }).getByRole('link').nth(1).waitFor();
    expect(await page.getByRole('region', { name: 'Recordings', exact: true }).getByRole('link').count()).toBe(2);
    expect(officer.complaints).toEqual([]);
  });

  it('places a hold of a list, adds to it, and says what does not exist', async () => {
    const officer = await signedIn('privacy');
    const { page } = officer;
    const [first = '', , last = ''] = calls;
    await page.goto('/holds');
    await page.getByRole('button', { name: 'Place a hold…' }).click();
    const form = page.getByRole('dialog', { name: 'Place a legal hold' });
    await form.getByLabel('Reference').fill('HB-2026-015');
    await form.getByLabel('Title').fill('Audit of card complaints');
    await form.getByLabel('Review').fill('2026-01-31');
    await form.getByRole('button', { name: 'By a list of ids' }).click();
    const ids = form.getByLabel('Ids of recordings');
    await ids.fill('call-7');
    await form.getByText('“call-7” is not the id of a recording').waitFor();
    expect(await form.getByRole('button', { name: 'Place hold' }).isEnabled()).toBe(false);
    await ids.fill(`${first}\n${first.slice(0, -4)}zzzz`);
    await form.getByRole('button', { name: 'Place hold' }).click();
    await form.getByText('One of these recordings does not exist. Nothing was placed.').waitFor();
    await ids.fill(first);
    await form.getByRole('button', { name: 'Place hold' }).click();
    await page.waitForURL(/\/holds\/hld_/);
    await page.getByText('overdue').waitFor();
    await page.getByRole('button', { name: 'Add recordings…' }).click();
    const more = page.getByRole('dialog', { name: 'Add recordings to this hold' });
    await more.getByLabel('Ids of recordings').fill(last);
    expect(await axeFindings(page)).toEqual([]);
    await more.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('link', { name: last }).waitFor();
    expect((await holdsNow())[0]).toMatchObject({ title: 'Audit of card complaints', held: 2 });
    expect(officer.complaints).toEqual([]);
  });

  it('takes pictures in which nothing is cut off', { timeout: 300_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const officer = await signedIn('privacy');
    const [list, rule] = await holdsNow();
    const found = {
      ...(await takeLooks(officer, folder, 'list', '/holds')),
      ...(await takeLooks(officer, folder, 'rule', `/holds/${rule?.id}`)),
      ...(await takeLooks(officer, folder, 'of-list', `/holds/${list?.id}`, async (page) => {
        await page.locator('.held-list .box').first().check();
      })),
      ...(await takeLooks(officer, folder, 'place', '/holds', async (page) => {
        await page.locator('.head .btn.p').click();
        await page.locator('.terms .btn').first().click();
      })),
    };
    expect(found).toEqual({});
    expect(officer.complaints).toEqual([]);
  });

  it('takes a recording out, and lifts the hold, each by two people', { timeout: 300_000 }, async () => {
    const officer = await signedIn('privacy');
    const admin = await signedIn('admin');
    const [hold] = await holdsNow();
    const approve = async (): Promise<void> => {
      await admin.page.goto(officer.page.url());
      await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
      await admin.page.getByText('Already decided').waitFor();
    };
    const { page } = officer;
    await page.goto(`/holds/${hold?.id}`);
    await page.getByRole('checkbox').first().press('Space');
    await page.getByRole('button', { name: 'Propose to take 1 out…' }).press('Enter');
    const some = page.getByRole('dialog', { name: 'Propose to take recordings out of this hold' });
    await some.getByText('1 recording leaves the hold; the others stay in it.').waitFor();
    await some.getByLabel('Reason').fill('It is of another case');
    await some.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.waitForURL(/\/changes\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    await admin.page.goto(`/holds/${hold?.id}`);
    await admin.page.getByText(/proposes to lift this hold or a part of it/).waitFor();
    // An administrator reads and approves; only a privacy officer places, adds and proposes.
    for (const name of ['Add recordings…', 'Propose to lift…'])
      expect(await admin.page.getByRole('button', { name }).count()).toBe(0);
    await approve();
    await page.goto(`/holds/${hold?.id}`);
    await page.getByText('No longer held by this').waitFor();
    await page.getByRole('button', { name: 'Propose to lift…' }).click();
    const all = page.getByRole('dialog', { name: 'Propose to lift this hold' });
    await all.getByText(/The hold ends for 1 recording/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await all.getByLabel('Reason').fill('The case was settled');
    await all.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.waitForURL(/\/changes\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    await approve();
    expect((await holdsNow())[0]).toMatchObject({ state: 'lifted', held: 0 });
    await page.goto('/holds');
    await page.getByRole('button', { name: 'Lifted', exact: true }).click();
    await page.getByRole('link', { name: 'Audit of card complaints' }).click();
    await page.getByText(/^Lifted with the approval of/).waitFor();
    expect([...officer.complaints, ...admin.complaints]).toEqual([]);
  });

  it('shows why it could not be loaded, and what other roles may not see', async () => {
    const auditor = await signedIn('auditor');
    const { page } = auditor;
    await page.goto('/holds');
    await page.getByRole('link', { name: 'Fenwick v Harbour' }).waitFor();
    expect(await page.getByRole('button', { name: 'Place a hold…' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Fenwick v Harbour' }).click();
    await page
      .getByRole('region', { name: 'Recordings', exact: true })
      .getByText(calls[0] ?? '')
      .waitFor();
    expect(await page.getByRole('region', { name: 'Recordings', exact: true }).getByRole('link').count()).toBe(0);
    await page.route('**/v1/holds?*', (route) =>
      route.fulfill({
        status: 500,
        json: { code: 'internal', title: 'x', request_id: '0198c5d2-0000-7000-8000-000000000001' },
      }),
    );
    await page.goto('/holds');
    await page.getByText('The legal holds could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Copy request id' }).waitFor();
    await expectAccessibleAndInside({ ...auditor, complaints: [] });
    const { tenant, reviewer } = stage.world.harbour;
    const other = await stage.signIn(tenant, reviewer, { language: 'en' });
    await other.page.goto('/holds');
    await other.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
    expect(await other.page.getByRole('navigation', { name: 'Main' }).getByText('Legal holds').count()).toBe(0);
  });
});
