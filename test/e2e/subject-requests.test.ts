// Subject requests in browsers: from the letter to the answer, by two people with passkeys.
// Long because it is one flow, whose tests build on each other.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCertificate } from '../../src/model/log/certificate/check-certificate.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { consentIn } from '../support/consent.ts';
import { endErasures, keyOfLog } from '../support/erased-calls.ts';
import { needs } from '../support/needs.ts';
import { overflowingParts } from './support/overflow.ts';
import { axeFindings, expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { takePicture } from './support/picture.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, goTo, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const NUMBER = '+44 20 7946 0417';
const DAY_MS = 86_400_000;

describe.skipIf(!chromium.present)(`subject requests in a browser ${chromium.reason}`, () => {
  const stage = sharedStage({ signed: true });
  const folder = mkdtempSync(join(tmpdir(), 'callvault-subjects-'));
  const found: Record<string, readonly string[]> = {};
  let path = '';
  let keptPath = '';

  /** Another person each time: people with a passkey get no further link. */
  const person = async (role: 'privacy' | 'admin' | 'auditor', look: Look = {}) => {
    const { tenant } = stage.world.harbour;
    return stage.signIn(tenant, await stage.world.person(tenant, [role]), look);
  };

  /** Pictures of a page at two widths in both languages; what is cut off or not accessible is collected. */
  const take = async (who: Person, name: string): Promise<void> => {
    const { page } = who;
    for (const [language, choice] of [
      ['zh-CN', '中文'],
      ['en', 'EN'],
    ] as const) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.locator('.top').getByRole('button', { name: choice, exact: true }).click();
      await page.locator(`html[lang=${language}]`).waitFor();
      for (const [width, height] of [
        [1440, 900],
        [390, 844],
      ] as const) {
        await page.setViewportSize({ width, height });
        await untilLoaded(who);
        const look = `${name}.${language}.${width}`;
        await takePicture(page, join(folder, `${look}.png`));
        const out = [...(await overflowingParts(page)), ...(await axeFindings(page))];
        if (out.length > 0) found[look] = out;
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };

  it('begins empty, and names what a new request lacks', { timeout: 300_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const who = await person('privacy');
    const { page } = who;
    await page.goto('/subject-requests');
    await page.getByRole('heading', { name: 'No requests yet' }).waitFor();
    await take(who, 'empty');
    await page.getByRole('link', { name: 'New request' }).first().click();
    await page.getByRole('button', { name: 'Save the request' }).click();
    await page.getByText('Choose at least one.').waitFor();
    await page.getByText('Enter a number, or one of the other fields').waitFor();
    await page.getByRole('alert').getByText('Something is missing or wrong').waitFor();
    await take(who, 'faults');
    expect(found).toEqual({});
    expect(who.complaints).toEqual([]);
  });

  const deposit = async (name: string, headers: Record<string, string>, daysAgo: number): Promise<string> =>
    consentIn(stage.world).call(name, daysAgo * 1_440, {
      'vault-meta-from': encodeURIComponent(NUMBER),
      'vault-meta-direction': 'inbound',
      ...headers,
    });

  it('goes from the letter to a decision that is sent for approval', { timeout: 600_000 }, async () => {
    const { world } = stage;
    const { privacy } = world.harbour;
    for (const [n, queue] of ['Roaming', 'Billing', 'Contract renewal', 'Billing', 'Roaming'].entries())
      await deposit(`free-${n}`, { 'vault-meta-queue': encodeURIComponent(queue) }, 3 + n * 9);
    const kept = await deposit('kept', { 'vault-meta-queue': 'Sales' }, 4);
    keptPath = `/recordings/${kept}`;
    const until = new Date(world.vault.clock.now() + 30 * DAY_MS).toISOString();
    const at = await world.call('GET', `/v1/recordings/${kept}`, { key: privacy.key });
    const correction = { reason: 'the contract ends later', retain_until: until };
    const headers = { 'if-match': String(at.headers.get('etag')) };
    const patched = await world.call('PATCH', `/v1/recordings/${kept}`, {
      key: privacy.key,
      json: correction,
      headers,
    });
    expect(patched.status).toBe(200);
    const held = await deposit('held', { 'vault-meta-queue': 'Complaints' }, 12);
    const json = { reference: 'LH-12', title: 'disputed invoice', review: until, recordings: [held] };
    expect((await world.call('POST', '/v1/holds', { key: privacy.key, json })).status).toBe(201);

    const officer = await person('privacy');
    await addPasskey(officer);
    const { page } = officer;
    // Another officer looks on: pictures end the virtual passkey of their page.
    const viewer = await person('privacy');
    const look = async (name: string): Promise<void> => {
      await viewer.page.goto(path);
      await take(viewer, name);
    };
    await page.goto('/subject-requests/new');
    await page.getByLabel('to know what is kept').check();
    await page.getByLabel('to erase').check();
    await page.getByLabel('to withdraw consent').check();
    const numbers = page.getByRole('combobox', { name: 'Telephone numbers' });
    await numbers.fill(NUMBER);
    await numbers.press('Enter');
    await page.getByLabel('In their words').fill('Wants to know who heard the calls.');
    await page.getByLabel('They want copies').check();
    await page.getByRole('button', { name: '中文', exact: true }).last().click();
    await page.getByRole('button', { name: 'EN', exact: true }).last().click();
    await page.getByRole('button', { name: 'Save the request' }).click();
    await page.getByRole('heading', { name: 'Erase and tell: +44 ****0417' }).waitFor();
    path = new URL(page.url()).pathname;
    await page.getByText('Consent withdrawn on receipt').waitFor();
    await page.getByRole('heading', { name: 'Check the identity first' }).waitFor();
    await look('identity');
    await page.getByLabel('How did you check it?').fill('called back on the number, passport seen');
    await page.getByRole('button', { name: 'Record the proof' }).click();
    await page.getByRole('heading', { name: 'Search for the recordings' }).waitFor();
    await look('search');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByRole('heading', { name: '7 recordings, and what becomes of each' }).waitFor();
    await page.getByText('Erase, 5').waitFor();
    await page.getByText('Hold LH-12,').waitFor();
    await look('decide');

    // By keyboard: one recording is only restricted.
    const pick = page.getByRole('button', { name: /^Change the outcome of the call of/ }).first();
    await pick.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitemradio', { name: 'suggested: Erase' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('Erase, 4').waitFor();
    await page.getByText('Restrict, 1').waitFor();
    // Of another the person gets a copy.
    await page
      .getByRole('button', { name: /^Change the outcome of the call of/ })
      .first()
      .click();
    await page.getByRole('menuitemradio', { name: 'Copy' }).click();
    await page.getByText('Erase, 3').waitFor();
    await page.getByText('Copy, 1').waitFor();
    await page.getByRole('button', { name: 'Edit the words…' }).click();
    const words = page.getByRole('dialog', { name: 'Words of your own' });
    await words.getByLabel('English').fill('We are sorry for the trouble with your invoice.');
    await words.getByRole('button', { name: 'Use these words' }).click();
    await page.getByText('Your words go into the answer when').waitFor();
    await page.getByRole('button', { name: 'Send for approval' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send for approval' });
    await dialog.getByText('3 recordings will be erased for good').waitFor();
    await dialog.getByLabel('Reason').fill('As the letter of 12 November asks');
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Send for approval' }).click();
    await page.getByText('Sent: another person must approve').waitFor({ timeout: 15_000 });
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve with passkey' }).count()).toBe(0);
    await look('waiting');
    expect(officer.complaints).toEqual([]);
    expect(found).toEqual({});
  });

  it('is approved by another person in Changes, and then done', { timeout: 600_000 }, async () => {
    const second = await person('admin');
    const { page } = second;
    await addPasskey(second);
    await page.goto('/changes');
    await page.getByRole('heading', { name: 'What becomes of the recordings' }).waitFor();
    const card = page.getByRole('region', { name: 'What becomes of the recordings' });
    await card.getByText('erased, transcripts and comments too').waitFor();
    await card.getByText('restricted now, kept by a hold').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await card.getByRole('link', { name: 'Open the request' }).click();
    await page.getByRole('heading', { name: /^Erase and tell/ }).waitFor();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.getByText('The change is approved').waitFor({ timeout: 15_000 });
    await page.getByRole('heading', { name: 'All is done' }).waitFor();
    // An admin approves, but does not answer.
    expect(await page.getByRole('button', { name: 'The answer was sent' }).count()).toBe(0);
    expect(second.complaints).toEqual([]);
  });

  it('gives the certificate, and the letter in both languages', { timeout: 600_000 }, async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const who = await person('privacy');
    const { page, context } = who;
    await page.goto(path);
    await page.getByText('Ready within four minutes').waitFor();
    const certificate = page.getByRole('button', { name: 'Certificate' });
    expect(await certificate.isDisabled()).toBe(true);
    await endErasures(world);
    await page.getByText('Signed proof of what was erased, and what stays.').waitFor();
    const saved = page.waitForEvent('download');
    await certificate.press('Enter');
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^callvault-sub_[0-9a-z]{26}\.certificate\.txt$/);
    const note = readFileSync(await file.path(), 'utf8');
    const checked = checkCertificate(note, [keyOfLog(world, tenant)], noteCrypto);
    expect(checked.findings).toEqual([]);
    expect(checked.certificate).toMatchObject({ reason: 'request', cause: path.split('/').at(-1) });
    expect([checked.certificate?.erased.length, checked.certificate?.stays.length]).toEqual([3, 2]);

    for (const [choice, language, text] of [
      ['EN', 'en', 'We erased 3 recordings.'],
      ['中文', 'zh-CN', '我们已删除 3 条录音'],
    ] as const) {
      await page.getByRole('group', { name: 'Language shown' }).getByRole('button', { name: choice }).press('Enter');
      const opened = context.waitForEvent('page');
      await page.getByRole('link', { name: 'Read all of it' }).press('Enter');
      const letter = await opened;
      await letter.locator(`html[lang=${language}]`).waitFor();
      expect(await letter.locator('body').textContent()).toContain(text);
      await takePicture(letter, join(folder, `letter.${language}.png`));
      await letter.close();
    }

    await page.goto('/erasures');
    await page.getByText('callvault, as two people decided').waitFor();
    await page.getByRole('link', { name: 'The request that caused it' }).waitFor();
    await page.goto(keptPath);
    await page.getByText('The person asked for it to be erased: it is kept only until').first().waitFor();
    await page.getByRole('link', { name: 'Open the request' }).first().press('Enter');
    await page.getByRole('heading', { name: 'All is done' }).waitFor();
    // The copies are another officer's: who proposed the decision.
    await page.getByText(/can download the copies 3 more times, until/).waitFor();
    expect(await page.getByRole('link', { name: 'Package' }).count()).toBe(0);
    expect(who.complaints).toEqual([]);
  });

  it('ends once the answer was sent', { timeout: 600_000 }, async () => {
    const who = await person('privacy');
    const { page } = who;
    await page.goto(path);
    await page.getByRole('heading', { name: 'All is done' }).waitFor();
    await take(who, 'done');
    await page.getByRole('button', { name: 'Extend…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extend the due date' });
    await dialog.getByLabel('Reason').fill('Copies take longer');
    await dialog.getByRole('button', { name: 'Extend', exact: true }).click();
    await page.getByText(/^Extended /).waitFor();
    await page.getByRole('button', { name: 'The answer was sent' }).click();
    const asked = page.getByRole('dialog', { name: 'Was the answer sent?' });
    await asked.getByRole('button', { name: 'The answer was sent' }).click();
    await page.getByRole('heading', { name: /^Answered / }).waitFor();
    await take(who, 'answered');
    await goTo(page, 'Subject requests');
    await page
      .getByText(/^Answered /)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'State' }).click();
    await page.getByRole('menuitemradio', { name: 'To decide' }).click();
    await page.getByRole('heading', { name: 'No request in this state' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: 'Erase and tell' }).waitFor();
    await take(who, 'list');
    expect(found).toEqual({});
    expect(who.complaints).toEqual([]);
  });

  it('is rejected by two people, on a ground that the person reads', { timeout: 300_000 }, async () => {
    const { world } = stage;
    const json = { kinds: ['access'], person: { numbers: ['+44 20 7946 0999'], channel: 'phone', language: 'zh-CN' } };
    const reply = await world.call('POST', '/v1/subject-requests', { key: world.harbour.privacy.key, json });
    const { id } = (await reply.json()) as { id: string };
    const who = await person('privacy');
    const { page } = who;
    await addPasskey(who);
    await page.goto(`/subject-requests/${id}`);
    await page.getByRole('button', { name: 'Reject the request…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reject the request' });
    await dialog.getByRole('combobox', { name: 'Ground' }).click();
    await page.getByRole('option', { name: 'The identity is not proven' }).click();
    await dialog.getByLabel('Reason for the person').fill('三次回拨均无人接听，无法核实身份。');
    await dialog.getByLabel('Reason', { exact: true }).fill('Called back three times');
    await dialog.getByRole('button', { name: 'Send for approval' }).click();
    await page.getByRole('heading', { name: 'The request is to be rejected' }).waitFor({ timeout: 15_000 });
    // Withdrawn, it is decided again.
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('The last decision was not approved').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(who.complaints).toEqual([]);
  });

  it.each(LOOKS)('shows requests, a form and a request accessibly, %o', async (look) => {
    const who = await person('privacy', look);
    for (const at of ['/subject-requests', '/subject-requests/new', path]) {
      await who.page.goto(at);
      await untilLoaded(who);
      await expectAccessibleAndInside(who);
    }
  });

  it('is read by an auditor, and not by people who listen', async () => {
    const { harbour } = stage.world;
    const auditor = await person('auditor');
    await auditor.page.goto(path);
    await auditor.page.getByRole('heading', { name: /^Erase and tell/ }).waitFor();
    expect(await auditor.page.getByRole('button', { name: 'The answer was sent' }).count()).toBe(0);
    await auditor.page.goto('/subject-requests/new');
    await auditor.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
    const reviewer = await stage.signIn(harbour.tenant, harbour.reviewer);
    await reviewer.page.goto('/subject-requests');
    await reviewer.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
    expect([...auditor.complaints, ...reviewer.complaints]).toEqual([]);
  });
});
