// Expiry in browsers: one person pauses it at once, and two resume it.
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { applyToAll, eraseAfter, setRules } from '../support/retention-rules.ts';
import { overflowingParts } from './support/overflow.ts';
import { axeFindings } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`expiry in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  it('pauses expiry by one person at once, and resumes it by two', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const first = await stage.signIn(tenant, await world.person(tenant, ['privacy']), { language: 'en' });
    await setRules(world, tenant, eraseAfter('P1Y'));
    await applyToAll(world);
    await addPasskey(first);
    const { page } = first;
    await page.goto('/retention');
    const expiry = page.getByRole('region', { name: 'Expiry' });
    await expiry.getByRole('button', { name: 'Pause…' }).press('Enter');
    const asked = page.getByRole('dialog', { name: 'Pause expiry' });
    expect(await axeFindings(page)).toEqual([]);
    await asked.getByRole('button', { name: 'Pause expiry' }).press('Enter');
    await expiry.getByText('Paused', { exact: true }).waitFor();
    await expiry.getByText(/^Paused since .*two people resume it/).waitFor();
    await expiry.getByRole('button', { name: 'Propose to resume…' }).click();
    const form = page.getByRole('dialog', { name: 'Propose to resume expiry' });
    await form.getByText('0 recordings are due and then expire for good.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowingParts(page)).toEqual([]);
    await form.getByLabel('Reason').fill('The rules are right');
    await form.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.waitForURL(/\/changes\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    await page.goto('/retention');
    await expiry.getByText(/proposes to resume expiry/).waitFor();
    expect(await expiry.getByRole('button').count()).toBe(0);

    const other = await stage.signIn(tenant, await world.person(tenant, ['admin']), { language: 'en' });
    await addPasskey(other);
    await other.page.goto('/retention');
    await other.page.getByRole('link', { name: 'Review' }).click();
    await other.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await other.page.getByText('Already decided').waitFor();
    await page.goto('/retention');
    await expiry.getByText('Running', { exact: true }).waitFor();
    expect([...first.complaints, ...other.complaints]).toEqual([]);
  });
});
