// Activity of a sealed log in a browser: compared with its signed checkpoint, the proof of an event to save, and a fork in red.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { activity as english } from '../../src/messages/en/activity.ts';
import { activity as chinese } from '../../src/messages/zh-CN/activity.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { namedKey, verifierKey } from '../../src/model/log/note.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { needs } from '../support/needs.ts';
import { sealTenant, sizeOf, verifierOf } from '../support/sealed-tenant.ts';
import { makeHeardCall, openAsAuditor } from './support/heard-call.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`activity of a sealed log in a browser ${chromium.reason}`, () => {
  const stage = sharedStage({ signed: true });
  let tenant: string;
  beforeAll(async () => {
    await makeHeardCall(stage.world);
    tenant = stage.world.harbour.tenant;
  });

  test('says that it has no checkpoint yet, then compares the events with the newest one', async () => {
    const person = await openAsAuditor(stage, {}, '/activity?group=all');
    const { page, complaints } = person;
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(english.check.unsealed, { exact: true }).waitFor();
    await sealTenant(stage.world, tenant);
    const size = await sizeOf(stage.world, tenant);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText(`the first ${size} events`, { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('verifies the checkpoint with the key that the auditor enters, and names another key in red', async () => {
    const { page, complaints } = await openAsAuditor(stage, {}, '/activity?group=all');
    const dialog = page.getByRole('dialog', { name: english.key.title });
    const enter = async (key: string): Promise<void> => {
      await dialog.getByRole('textbox').fill(key);
      await dialog.getByRole('button', { name: english.key.keep }).click();
    };
    const key = verifierOf(stage.world, tenant);
    await page.getByText(english.key.none, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(english.check.signed_missing, { exact: true }).waitFor();
    await page.getByRole('button', { name: english.key.enter }).click();
    await enter(key.slice(0, -2));
    await dialog.getByText(english.key.not_one).waitFor();
    await enter(verifierOf(stage.world, stage.world.yunhai.tenant));
    await dialog.getByText(english.key.of_another).waitFor();
    await enter(key);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText(english.check.signed_text, { exact: true }).waitFor();
    await page.getByText('1 version, whose text the log names by its digest', { exact: true }).waitFor();
    // It stays in this browser.
    await page.reload();
    await page.getByRole('button', { name: english.key.forget }).click();
    await page.getByText(english.key.none, { exact: true }).waitFor();
    // Another key under the same name.
    const name = key.split('+')[0] ?? '';
    await page.getByRole('button', { name: english.key.enter }).click();
    await enter(verifierKey(namedKey(name, new Uint8Array(32).fill(7), noteCrypto.sha256)));
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(english.faults.signature).waitFor();
    expect(complaints).toEqual([]);
  });

  test('can be stopped', async () => {
    const { page, complaints } = await openAsAuditor(stage, {}, '/activity?group=all');
    await page.route('**/v1/audit/events?*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await route.continue().catch(() => undefined);
    });
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByRole('button', { name: english.check.stop }).click();
    await page.getByRole('button', { name: 'Check the whole log' }).waitFor();
    expect(page.workers().filter((one) => one.url().includes('check-worker'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test.each(LOOKS)('shows it in %o', async (look) => {
    const person = await openAsAuditor(stage, look, '/activity?group=all');
    const { page } = person;
    const { language, width } = look as Look;
    const texts = language === 'zh-CN' ? chinese : english;
    if (width !== undefined) await page.getByRole('button', { name: texts.check.details }).click();
    await page.getByRole('button', { name: texts.check.run }).click();
    await page.getByText(texts.check.sealed, { exact: true }).waitFor();
    await expectAccessibleAndInside(person);
  });

  test('saves the proof of an event', async () => {
    const { page, complaints } = await openAsAuditor(stage, {}, '/activity?group=listening');
    await page.getByRole('row').filter({ hasText: 'Began to listen' }).getByRole('button').click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the proof' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^event-\d+\.tlog-proof$/);
    const proof = await readFile(await download.path(), 'utf8');
    expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    expect(proof).toContain(`/${tenant}\n`);
    expect(complaints).toEqual([]);
  });

  // Last, because it leaves a log that was written again.
  test('an event that was written again, with its hash, is named as a fork in both languages', async () => {
    const { world } = stage;
    const { data } = (await (
      await world.call('GET', '/v1/activity?action=person.added', { key: world.harbour.auditor.key })
    ).json()) as { data: { index: number; leaf: string }[] };
    const { index = 0, leaf = '' } = data[0] ?? {};
    const forged = Buffer.from(Buffer.from(leaf, 'base64').toString().replace('"roles":"', '"roles":"admin,'));
    const triggers = world.sql.prepare("select name from sqlite_master where type = 'trigger'").all();
    for (const { name } of triggers as { name: string }[]) world.sql.exec(`drop trigger ${name}`);
    world.sql
      .prepare('update audit_event set leaf = ?, hash = ? where log = ? and seq = ?')
      .run(forged, leafHash(forged), tenant, index);
    for (const [look, texts] of [
      [{}, english],
      [{ language: 'zh-CN' }, chinese],
    ] as const) {
      const { page } = await openAsAuditor(stage, look, '/activity?group=all');
      await page.getByRole('button', { name: texts.check.run }).click();
      await page.getByText(texts.faults.fork).waitFor();
    }
  });
});
