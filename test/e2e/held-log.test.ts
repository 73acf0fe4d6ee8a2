// A tenant whose log is held, in browsers: auditors read it under a red card, and every other page says what is held and who ends it.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LogHeld } from '../../src/adapters/sql/log.ts';
import { player as english } from '../../src/messages/en/player.ts';
import { shell } from '../../src/messages/en/shell.ts';
import { shell as chinese } from '../../src/messages/zh-CN/shell.ts';
import { createSignInLink } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { CALL_LABEL, makeHeardCall, openAsAuditor, rowsWith } from './support/heard-call.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`a held log in a browser ${chromium.reason}`, () => {
  // A slow run lasts until background work writes events, of windows that close, while the log is held.
  const stage = sharedStage({ causes: (error) => error instanceof LogHeld });
  let recording: string;
  beforeAll(async () => {
    recording = await makeHeardCall(stage.world);
  });
  const hold = (difference: 'behind' | 'fork'): Promise<unknown> =>
    stage.world.vault.db.note((notes) => notes.holds.hold(stage.world.harbour.tenant, difference, -1), {
      signal: AbortSignal.timeout(60_000),
    });
  afterEach(() => {
    stage.world.sql.exec('update audit_head set held = null where held is not null');
  });

  test('auditors still read its events, without names, and see in red what is wrong', async () => {
    const { page, complaints } = await openAsAuditor(stage, {}, '/activity?group=all');
    await rowsWith(page, CALL_LABEL).first().waitFor();
    await hold('fork');
    await page.reload();
    const card = page.getByRole('alert').filter({ hasText: shell.held.title });
    await card.getByText(shell.held.fork).waitFor();
    await card.getByText(shell.held.until).waitFor();
    // Whole, above a long list.
    expect(await card.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);
    await rowsWith(page, 'Began to listen').first().waitFor();
    expect(await rowsWith(page, CALL_LABEL).count()).toBe(0);
    await page.getByText(/^Names, calls and reasons are sealed while/).waitFor();
    // It can be checked, too: that is what it is read for.
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    await page.getByText(/events since .* agree with their hashes/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('every other page says that it is held, and that an operator restores it', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    await stage.world.grant(stage.world.harbour, recording);
    const { page, complaints } = await stage.signIn(tenant, reviewer);
    await page.goto(`/recordings/${recording}`);
    const listen = page.getByRole('button', { name: 'Listen' });
    await listen.waitFor();
    await hold('behind');
    await listen.click();
    await page.getByRole('heading', { name: english.card.held.title }).waitFor();
    await page.getByText(english.card.held.text).waitFor();
    await page.goto('/recordings');
    await page.getByText(shell.held.bar).waitFor();
    await page.getByRole('heading', { name: shell.held.title }).waitFor();
    await page.getByText(shell.held.behind).waitFor();
    expect(await page.getByText('cannot be written').count()).toBe(0);
    // The others do not notice.
    const { yunhai } = stage.world;
    await (await stage.signIn(yunhai.tenant, yunhai.reviewer)).page.getByRole('heading', { level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a sign-in link waits until the log is restored', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const { page } = await stage.visitor();
    const link = await createSignInLink(stage.world, tenant, reviewer.id);
    await hold('behind');
    await page.goto(`/sign-in#${link}`);
    await page.getByRole('heading', { name: shell.held.title }).waitFor();
    stage.world.sql.exec('update audit_head set held = null where held is not null');
    await page.getByRole('button', { name: shell.state.try_again }).click();
    await page.waitForURL((at) => at.pathname !== '/sign-in');
  });

  test.each(LOOKS)('is said accessibly, %o', async (look: Look) => {
    const person = await openAsAuditor(stage, look);
    await hold('behind');
    const texts = look.language === 'zh-CN' ? chinese : shell;
    await person.page.reload();
    await person.page.getByText(texts.held.behind).waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
    await person.page.goto('/account');
    await person.page.getByText(texts.held.bar).waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
  });
});
