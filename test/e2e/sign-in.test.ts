// Signing in with a browser: by link, then by a passkey that the person added; signing out; what is left behind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkFor } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
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
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByLabel('Name of the passkey').fill('Work laptop');
    await dialog.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Work laptop', { exact: true }).waitFor();
    await page.getByRole('button', { name: /Rita/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('button', { name: /passkey/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Recordings' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a page that was somebody else’s begins anew once another person signs in beside it', async () => {
    const { tenant, reviewer, supervisor } = stage.world.harbour;
    const { page, context } = await stage.signIn(tenant, reviewer);
    await page.getByRole('button', { name: /Rita/ }).waitFor();
    await page.getByRole('searchbox').fill('what Rita typed');
    const beside = await context.newPage();
    await beside.goto(`/sign-in#${await linkFor(stage.world, tenant, supervisor.id)}`);
    await beside.getByRole('button', { name: /Sue/ }).waitFor();
    await page.getByRole('button', { name: /Sue/ }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('a browser that is signed out elsewhere is shown the door at its next step', async () => {
    const { tenant, privacy } = stage.world.harbour;
    const [one, two] = [await stage.signIn(tenant, privacy), await stage.signIn(tenant, privacy)];
    await two.page.goto('/account');
    await two.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await two.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await one.page.getByRole('link', { name: 'My access' }).click();
    await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
