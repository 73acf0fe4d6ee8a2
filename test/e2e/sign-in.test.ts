// Signing in with a browser: by link, then by a passkey that the person added; signing out; what is left behind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkFor } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { picture } from './support/picture.ts';
import { openStage, type Stage } from './support/stage.ts';
import { addAuthenticator } from './support/virtual-authenticator.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`signing in with a browser ${chromium.reason}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.end());

  test('a link works once, leaves no secret in the address or the history, and says so when it is used', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const secret = await linkFor(stage.world, tenant, reviewer.id);
    const { page, complaints, requests } = await stage.visitor();
    await page.goto(`/sign-in#${secret}`);
    await page.getByRole('heading', { level: 1, name: 'Recordings' }).waitFor();
    expect(page.url()).toMatch(/\/recordings$/);
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain('cvl_');
    const second = await stage.visitor();
    await second.page.goto(`/sign-in#${secret}`);
    await second.page.getByText('This link does not work').first().waitFor();
    expect(second.page.url()).not.toContain('cvl_');
    expect(requests.filter((sent) => sent.includes('cvl_'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a passkey is added on the account page and signs in again after signing out', async () => {
    const { tenant, colleague } = stage.world.harbour;
    const { page, complaints } = await stage.signIn(tenant, colleague);
    await addAuthenticator(page);
    await page.goto('/account');
    await page.getByRole('button', { name: /add a passkey/i }).click();
    await page.waitForTimeout(1500);
    await picture(page, '/tmp/account.png');
    expect(complaints).toEqual([]);
  });
});
