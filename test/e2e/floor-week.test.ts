// A floor's week at the pages, counted: what a call costs a reviewer and a supervisor with a request for each call, and
// what it costs with assignments.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wavOf } from '../support/vault.ts';
import { addReviewer, allowAssignments, depositCalls, supervisorWithPasskey } from './support/assigning.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey, trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';
import { countStrokes, strokesText } from './support/strokes.ts';

const chromium = needs('chromium');
const CALLS = 6;
const HEARD = 1;

describe.skipIf(!chromium.present)(`what a week costs at the pages ${chromium.reason}`, () => {
  const stage = sharedStage();

  test('with a request and an approval for each call', async () => {
    const { harbour } = stage.world;
    await stage.world.deposited(harbour, 'asked-1', wavOf(80_000), { 'vault-meta-agent': 'HB-3001' });
    const rita = await stage.signIn(harbour.tenant, harbour.reviewer);
    const sue = await stage.signIn(harbour.tenant, await stage.world.person(harbour.tenant, ['supervisor']));
    await addPasskey(sue);
    const [byRita, bySue] = [await countStrokes(rita), await countStrokes(sue)];
    await trackMedia(rita);
    await rita.page.goto('/recordings');
    const row = rita.page.getByRole('row').filter({ hasText: 'HB-3001' });
    await row
      .getByRole('link', { name: 'Request' })
      .or(row.getByRole('button', { name: 'Request' }))
      .click();
    const page = rita.page.getByRole('main');
    await page.getByLabel('Reason').fill('The week’s calls of this agent.');
    await page.getByRole('button', { name: 'Send request', exact: true }).click();

    await sue.page.goto('/approvals');
    await sue.page.getByText('The week’s calls of this agent.').first().waitFor();
    await untilLoaded(sue);
    await sue.page.getByRole('button', { name: 'Approve with passkey' }).click();
    const listen = page
      .getByRole('button', { name: 'Listen', exact: true })
      .or(page.getByRole('link', { name: 'Listen', exact: true }));
    await listen.first().click();
    await untilPlayed(rita, 0.2);
    const [reviewer, supervisor] = [byRita.take(), bySue.take()];
    process.stdout.write(`counted: a call by request: reviewer ${strokesText(reviewer)}; `);
    process.stdout.write(`supervisor ${strokesText(supervisor)} and a touch\n`);
    // Without this the comparison would be with steps that were not made.
    expect(reviewer.clicks + reviewer.keys + reviewer.texts).toBeGreaterThanOrEqual(4);
    expect(supervisor.clicks + supervisor.keys).toBeGreaterThanOrEqual(1);
  });

  test('with calls assigned under one touch, and a key for each call', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    await allowAssignments(world, tenant);
    const id = await world.named(tenant, 'Oliver Grant');
    const recordings = await depositCalls(world, world.harbour, 'week', CALLS);
    const boss = await supervisorWithPasskey(stage, tenant);
    const reviewer = await stage.signIn(tenant, { id });
    const [byBoss, byReviewer] = [await countStrokes(boss), await countStrokes(reviewer)];

    await boss.page.goto('/recordings?span=all');
    const rowOf = (recording: string | undefined) =>
      boss.page.getByRole('row').filter({ has: boss.page.locator(`a[href^="/recordings/${recording}"]`) });
    await rowOf(recordings[0]).getByRole('checkbox').click();
    await rowOf(recordings.at(-1))
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    await boss.page.getByRole('button', { name: `Assign ${CALLS} calls…` }).click();
    await boss.page.getByRole('heading', { name: `Assign ${CALLS} calls` }).waitFor();
    await addReviewer(boss, 'Oliver Grant');
    await boss.page.getByLabel('Reason').fill('The week’s calls of this agent.');
    await boss.page.getByRole('button', { name: 'Assign with passkey' }).click();
    await boss.page.getByText('“The week’s calls of this agent.”').first().waitFor();
    const supervisor = byBoss.take();

    await trackMedia(reviewer);
    await reviewer.page.goto('/my-queue');
    await reviewer.page.getByText(`0 of ${CALLS} done`).first().waitFor();
    await reviewer.page.keyboard.press('Enter');
    for (let heard = 1; heard <= HEARD; heard++) {
      await untilPlayed(reviewer, 0.1);
      await reviewer.page.getByText('Assigned by Rita', { exact: false }).first().waitFor();
      const played = reviewer.page.url();
      await reviewer.page.keyboard.press('d');
      await reviewer.page.waitForURL((at) => at.href !== played && at.pathname.startsWith('/recordings/'));
    }
    const heard = byReviewer.take();
    process.stdout.write(`counted: to the second assigned call: reviewer ${strokesText(heard)}; `);
    process.stdout.write(`${CALLS} calls assigned: supervisor ${strokesText(supervisor)} and a touch\n`);
    expect(heard).toEqual({ clicks: 0, keys: HEARD + 1, texts: 0 });
    expect(supervisor.clicks + supervisor.texts).toBeLessThanOrEqual(8);
  });
});
