// The erasures page in browsers: what was erased and why, and the certificate to download.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginErasing, endErasures } from '../support/erased-calls.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { takeLooks } from './support/looks.ts';
import { expectAccessibleAndInside } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`erasures in a browser ${chromium.reason}`, () => {
  const stage = sharedStage({ signed: true });
  const folder = mkdtempSync(join(tmpdir(), 'callvault-erasures-'));

  it('begins empty, lists what is erased, and downloads a certificate', { timeout: 300_000 }, async () => {
    const { world } = stage;
    const { harbour } = world;
    const officer = await stage.signIn(harbour.tenant, await world.person(harbour.tenant, ['privacy']));
    const { page } = officer;
    await page.goto('/erasures');
    await page.getByRole('heading', { name: 'No erasures', exact: true }).waitFor();
    await untilLoaded(officer);
    await expectAccessibleAndInside(officer);
    const first = await world.deposited(harbour, 'erased-1', wav(1000));
    const event = await beginErasing(world, harbour.tenant, first, 'request');
    await endErasures(world);
    const second = await world.deposited(harbour, 'erased-2', wav(1000));
    await beginErasing(world, harbour.tenant, second, 'court-order');
    await page.reload();
    await page.getByText('1 is being erased').waitFor();
    const row = page.getByRole('row', { name: first });
    await row.getByText('Request of the person').waitFor();
    const saved = page.waitForEvent('download');
    await row.getByRole('button', { name: `Download the certificate of event ${event}` }).press('Enter');
    const file = await saved;
    expect(file.suggestedFilename()).toBe(`erasure-${event}.txt`);
    expect(readFileSync(await file.path(), 'utf8')).toContain(`erased ${first} `);
    await page.getByText('The certificate is downloaded. The log records it.').waitFor();
    process.stdout.write(`pictures: ${folder}\n`);
    expect(await takeLooks(officer, folder, 'list', '/erasures')).toEqual({});
    await page.getByRole('button', { name: 'Reason' }).press('Enter');
    await page.getByRole('menuitemradio', { name: 'Court order' }).click();
    await page.getByRole('row', { name: second }).waitFor();
    expect(await page.getByRole('row', { name: first }).count()).toBe(0);
    expect(officer.complaints).toEqual([]);
  });

  it('shows an error with its request, and is not for other roles', async () => {
    const { harbour } = stage.world;
    const auditor = await stage.signIn(harbour.tenant, await stage.world.person(harbour.tenant, ['auditor']));
    const { page } = auditor;
    await page.route('**/v1/erasures', (route) =>
      route.fulfill({ status: 500, json: { code: 'internal', request_id: '0198c5d2-0000-7000-8000-000000000001' } }),
    );
    await page.goto('/erasures');
    await page.getByText('The erasures could not be loaded').waitFor();
    await page.getByRole('button', { name: 'Copy request id' }).waitFor();
    const other = await stage.signIn(harbour.tenant, harbour.reviewer);
    await other.page.goto('/erasures');
    await other.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
  });
});
