// The completeness page in browsers: what of the listed calls is stored, and the calls that are not.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { takeLooks } from './support/looks.ts';
import { expectAccessibleAndInside } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const START = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 38 * 3_600_000;
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

describe.skipIf(!chromium.present)(`completeness in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-completeness-'));

  it('begins empty, shows what is missing by day and queue, and the calls', { timeout: 300_000 }, async () => {
    const { world } = stage;
    const { harbour } = world;
    const officer = await stage.signIn(harbour.tenant, await world.person(harbour.tenant, ['privacy']));
    const { page } = officer;
    await page.goto('/completeness');
    await page.getByRole('heading', { name: 'No recordings yet', exact: true }).waitFor();
    await untilLoaded(officer);
    await expectAccessibleAndInside(officer);
    const calls = [
      ...([
        ['good-1', 0, 'sales', 'Otto'],
        ['good-2', 1, 'sales', 'Otto'],
        ['short-1', 2, 'claims', 'Otto'],
      ] as const),
      ...([
        ['other-1', 3, 'claims', 'Otto'],
        ['extra-1', 4, 'claims', 'Otto'],
        ['unlisted', -1500, 'sales', 'Otto'],
      ] as const),
    ];
    for (const [call, minutes, queue, agent] of calls)
      await world.deposited(harbour, call, wav(16_000), {
        ...{ 'vault-meta-started-at': at(minutes), 'vault-meta-queue': queue, 'vault-meta-agent': agent },
      });
    const csv = [
      'call_id,started_at,duration_ms,agent,queue',
      ...[`good-1,${at(0)},1000,Otto,sales`, `good-2,${at(1)},1000,Otto,sales`, `short-1,${at(2)},61000,Otto,claims`],
      ...[`other-1,${at(3)},1000,Eve,claims`, `gone-1,${at(5)},1000,Otto,sales`, `gone-2,${at(6)},1000,Otto,claims`],
      `gone-3,${at(7)},1000,Otto,claims`,
    ].join('\n');
    const sent = { key: harbour.uploader.key, type: 'text/csv', body: Buffer.from(csv) };
    expect((await world.call('POST', '/v1/call-lists?source=pbx', sent)).status).toBe(200);
    await page.reload();
    await page.getByRole('heading', { name: 'Source pbx' }).waitFor();
    await page.getByText('No list', { exact: true }).first().waitFor();
    process.stdout.write(`pictures: ${folder}\n`);
    const claims = page.getByRole('row', { name: 'claims' });
    await claims.getByRole('button', { name: /2 of 4, 2 missing, 1 short, 1 different, 1 extra/ }).press('Enter');
    const card = page.getByRole('region', { name: /^claims, / }).first();
    await card.getByRole('row', { name: /gone-2/ }).waitFor();
    await card.getByRole('row', { name: /gone-3/ }).waitFor();
    expect(await card.getByRole('row', { name: /gone-1/ }).count()).toBe(0);
    expect(await takeLooks(officer, folder, 'list', '/completeness')).toEqual({});
    await page
      .getByRole('row', { name: 'All queues' })
      .getByRole('button', { name: /3 missing/ })
      .press('Enter');
    const all = page.getByRole('region', { name: /^All queues, / }).first();
    await all.getByRole('tab', { name: 'Different 1' }).click();
    await all
      .getByRole('row', { name: /other-1/ })
      .getByText('agent')
      .waitFor();
    await all.getByRole('link', { name: 'other-1' }).waitFor();
    await untilLoaded(officer);
    await expectAccessibleAndInside(officer);
    await page.screenshot({ path: join(folder, 'calls-en.png'), fullPage: true });
    await page.getByRole('button', { name: 'Close the calls' }).click();
    await page.getByRole('button', { name: 'Earlier days' }).click();
    await page.getByRole('heading', { name: 'No calls in these days' }).waitFor();
    expect(officer.complaints).toEqual([]);
  });

  it('shows an administrator no ids of calls, an error with its request, and is not for reviewers', async () => {
    const { harbour } = stage.world;
    const admin = await stage.signIn(harbour.tenant, await stage.world.person(harbour.tenant, ['admin']));
    const { page } = admin;
    await page.goto('/completeness');
    await page
      .getByRole('row', { name: 'All queues' })
      .getByRole('button', { name: /3 missing/ })
      .click();
    await page.getByRole('cell', { name: /^rec_/ }).first().waitFor();
    expect(await page.getByText('gone-1').count()).toBe(0);
    await page.route('**/v1/completeness?*', (route) =>
      route.fulfill({ status: 500, json: { code: 'internal', request_id: '0198c5d2-0000-7000-8000-000000000001' } }),
    );
    await page.reload();
    await page.getByText('The counts could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Copy request id' }).waitFor();
    const other = await stage.signIn(harbour.tenant, harbour.reviewer);
    await other.page.goto('/completeness');
    await other.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
  });

  it('names the days of a tenant far east of Greenwich as its calendar has them', async () => {
    const { harbour } = stage.world;
    const zone = 'Pacific/Kiritimati';
    const { page } = await stage.signIn(harbour.tenant, await stage.world.person(harbour.tenant, ['privacy']));
    await page.route('**/v1/me', async (route) => {
      const response = await route.fetch();
      const me = (await response.json()) as { tenant: object };
      await route.fulfill({ response, json: { ...me, tenant: { ...me.tenant, time_zone: zone } } });
    });
    await page.goto('/completeness');
    await page.getByRole('heading', { name: 'Source pbx' }).waitFor();
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'short' });
    const week = Array.from({ length: 7 }, (_, n) => format.format(Date.now() - (6 - n) * 86_400_000));
    const headings = page.getByRole('columnheader');
    expect(await headings.allTextContents()).toEqual(['Queue', ...week]);
    await page.getByText(`${week[0]} – ${week[6]}`, { exact: true }).waitFor();
  });
});
