// A floor's week at the pages, counted: what a call costs a reviewer and a supervisor with a request for each call, and
// what it costs with assignments.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wavOf } from '../support/vault.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey, trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';
import { countStrokes, strokesText } from './support/strokes.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`what a week costs at the pages ${chromium.reason}`, () => {
  const stage = sharedStage();

  test('with a request and an approval for each call', async () => {
    const { harbour } = stage.world;
    await stage.world.deposited(harbour, 'week-1', wavOf(80_000), { 'vault-meta-agent': 'HB-3001' });
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
});
