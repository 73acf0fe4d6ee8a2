// Activity page in a browser: checked while it is shown, a changed event is red, and all of it works by keyboard.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { activity as english } from '../../src/messages/en/activity.ts';
import { activity as chinese } from '../../src/messages/zh-CN/activity.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { CALL_LABEL, makeHeardCall, openAsAuditor, rowsWith } from './support/heard-call.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`activity in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    recording = await makeHeardCall(stage.world);
  });

  const come = (look = {}, path?: string) => openAsAuditor(stage, look, path);

  test.each(LOOKS)('with an event open, %o', async (look) => {
    const person = await come(look);
    const { page } = person;
    await page.goto('/activity?group=listening');
    await page
      .getByRole('row')
      .filter({ hasText: /Began to listen|开始收听/ })
      .getByRole('button')
      .click();
    await page.getByText('promised callback').first().waitFor();
    await expectAccessibleAndInside(person);
  });

  test('shows an auditor of the deployment its log, its people and nothing else', async () => {
    const auditor = { id: await stage.world.operator('audit-1', 'auditor') };
    const person = await stage.signIn('deployment', auditor);
    const { page, complaints } = person;
    await page.goto('/activity?group=all');
    await page.getByText(/events shown agree with their hashes, none missing/).waitFor();
    await page
      .getByRole('row')
      .filter({ hasText: /Added an operator/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(/events since .* agree with their hashes, none missing/).waitFor();
    await expectAccessibleAndInside(person);
    const pages = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    expect(await pages.allTextContents()).toEqual(['Activity', 'People and keys', 'Help and shortcuts']);
    await page.goto('/people');
    await page.getByRole('row').filter({ hasText: 'audit-1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('checks the whole log, and shows why a person could listen', async () => {
    const { page, complaints } = await come({}, '/activity?group=all');
    await page.getByText(/events shown agree with their hashes, none missing/).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download what is shown' }).click();
    const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\n');
    for (const line of lines) {
      const { leaf, hash } = JSON.parse(line) as { leaf: string; hash: string };
      expect(sha256(Uint8Array.of(0), Buffer.from(leaf, 'base64')).toString('base64')).toBe(hash);
    }
    expect(lines.length).toBeGreaterThan(10);
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(/events since .* agree with their hashes, none missing/).waitFor();
    await page.getByText('1 listening session', { exact: true }).waitFor();
    await page.goto('/activity?group=listening');
    await page.getByRole('row').filter({ hasText: 'Listening ended' }).getByRole('button').click();
    const why = page.getByRole('heading', { name: 'Why it was allowed' }).locator('..');
    for (const said of ['Asked', 'Approved', 'Listening', 'Revoked', 'Ended', 'promised callback', 'CS-417', 'Sue']) {
      await why.getByText(said).first().waitFor();
    }
    expect(complaints).toEqual([]);
  });

  test('shows delivered ranges without claiming that they were heard, and whose session another person ended', async () => {
    const { page } = await come();
    await page.goto('/activity?group=listening');
    const ended = page.getByRole('row').filter({ hasText: 'Listening ended' });
    await ended.getByText(/^Sent \d\d:\d\d$/).waitFor();
    await ended.getByText('Sue', { exact: true }).waitFor();
    await ended.locator('.wide-cell').getByText(`Rita · ${CALL_LABEL}`).waitFor();
    await ended.getByRole('button').click();
    await page.getByText('Audio sent', { exact: true }).waitFor();
    expect(await page.getByRole('table').textContent()).not.toContain('Heard');
  });

  test('filters events, keeps only impersonal filters in the address, and clears them', async () => {
    const { page } = await come({}, '/activity?group=all');
    await page.getByLabel('Recording id').fill(recording);
    await page.getByRole('row').filter({ hasText: 'Requested access' }).waitFor();
    await page.getByText('not checked under a filter').waitFor();
    await page.getByRole('button', { name: 'Keys and settings' }).click();
    await page.getByText('Nothing matches').waitFor();
    expect(page.url()).toMatch(/\/activity\?group=keys$/);
    await page.getByRole('main').getByRole('button', { name: 'Clear' }).last().click();
    await rowsWith(page, 'Began to listen').waitFor();
    expect(page.url()).toMatch(/\/activity$/);
  });

  test('expands and collapses an event by keyboard alone', async () => {
    const { page } = await come();
    const first = page.getByRole('button', { name: /^Details of event/ }).first();
    await first.waitFor();
    for (let n = 0; n < 40 && !(await first.evaluate((button) => button === document.activeElement)); n++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Proof' }).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('heading', { name: 'Proof' }).waitFor({ state: 'detached' });
  });

  test('reports a failed load with a request id and a retry', async () => {
    const person = await come();
    const { page } = person;
    await page.route(/\/v1\/activity/, (route) =>
      route.fulfill({
        status: 500,
        contentType: 'application/problem+json',
        json: {
          type: 'x',
          title: 'x',
          status: 500,
          code: 'internal',
          request_id: crypto.randomUUID(),
          retryable: false,
        },
      }),
    );
    await page.goto('/activity?group=people');
    await page.getByText('This could not be loaded').waitFor();
    await expectAccessibleAndInside(person);
    await page.unroute(/\/v1\/activity/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row').filter({ hasText: 'Added a person' }).first().waitFor();
  });

  test('the whole check finds what was planted: listening on an erased recording, and an end that never began', async () => {
    const { world } = stage;
    const { tenant, auditor, reviewer } = world.harbour;
    const reply = await world.call('GET', '/v1/activity?action=session.opened', { key: auditor.key });
    const { data } = (await reply.json()) as {
      data: { object: { recording: string; request: string; grant: string } }[];
    };
    const [heard] = data;
    if (heard === undefined) throw new Error('nobody listened');
    const { recording: gone, request, grant } = heard.object;
    const by = { type: 'person', id: reviewer.id, auth: 'none' } as const;
    const told = { grant, recording: gone, reason: 'closed', ranges: 0, bytes: 0, seconds: 1 } as const;
    const ends = '2100-01-01T00:00:00.000Z';
    await world.vault.db.change(
      async () => ({
        result: 0,
        events: [
          event(
            tenant,
            systemActor(world.vault.settings),
            'recording.erasing',
            { type: 'recording', id: gone, reason: 'request' },
            {},
          ),
          event(
            tenant,
            by,
            'session.opened',
            { id: newId('ses'), grant, request, recording: gone, purpose: 'quality', policy: newId('pol'), ends },
            {},
          ),
          event(tenant, by, 'session.ended', { id: newId('ses'), ...told }, {}),
        ],
      }),
      { signal: AbortSignal.timeout(600_000) },
    );
    for (const [look, run, texts] of [
      [{}, 'Check the whole log', english.faults],
      [{ language: 'zh-CN' }, '验证全部日志', chinese.faults],
    ] as const) {
      const { page } = await come(look);
      await page.getByRole('button', { name: run }).click();
      await page.getByText(texts.after_erase).waitFor();
      await page.getByText(texts.session_unopened).waitFor();
    }
  });

  // Last, because it leaves a damaged log.
  test('an event that somebody wrote into is red, with its index, and found by the whole check', async () => {
    const { world } = stage;
    const { tenant, auditor } = world.harbour;
    const reply = await world.call('GET', '/v1/activity?action=access.approved', { key: auditor.key });
    const { data } = (await reply.json()) as { data: { index: number; leaf: string }[] };
    const { index = 0, leaf = '' } = data[0] ?? {};
    const forged = Buffer.from(leaf, 'base64')
      .toString()
      .replace(world.harbour.supervisor.id, world.harbour.reviewer.id);
    const triggers = world.sql.prepare("select name from sqlite_master where type = 'trigger'").all();
    for (const { name } of triggers as { name: string }[]) world.sql.exec(`drop trigger ${name}`);
    world.sql
      .prepare('update audit_event set leaf = ? where log = ? and seq = ?')
      .run(Buffer.from(forged), tenant, index);
    const person = await come();
    const { page } = person;
    await page.getByText('1 event fails the check').waitFor();
    await page.getByText('The bytes of this event do not match its hash').first().waitFor();
    const row = page.getByRole('row').filter({ hasText: 'Approved a request' });
    expect(await row.getAttribute('class')).toContain('bad');
    expect(await row.textContent()).toContain(String(index));
    await expectAccessibleAndInside(person);
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText('1 finding', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: `Show event ${index}` }).click();
    await page.getByRole('row').filter({ hasText: 'Approved a request' }).waitFor();
  });
});
