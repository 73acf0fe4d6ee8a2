// Sign-in with a browser: by link, then by a passkey that the person added; signing out; no traces.
import { describe, expect, test } from 'vitest';
import { createSignInLink } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { sharedStage } from './support/stage.ts';
import { addAuthenticator } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`signing in with a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  test('accepts a link once, leaves no secret in address or history, and reports a used link', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const secret = await createSignInLink(stage.world, tenant, reviewer.id);
    const { page, complaints, requests } = await stage.visitor();
    await page.goto(`/sign-in#${secret}`);
    await page.getByRole('heading', { level: 1, name: 'My queue' }).waitFor();
    expect(page.url()).toMatch(/\/my-queue$/);
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain('cvl_');
    const second = await stage.visitor();
    await second.page.goto(`/sign-in#${secret}`);
    await second.page.getByText('This link does not work').first().waitFor();
    expect(second.page.url()).not.toContain('cvl_');
    expect(requests.filter((sent) => sent.includes('cvl_'))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('asks before a link replaces a signed-in person', async () => {
    const { tenant, reviewer, supervisor } = stage.world.harbour;
    const { page, complaints, requests } = await stage.signIn(tenant, reviewer);
    const secret = await createSignInLink(stage.world, tenant, supervisor.id);
    const before = requests.length;
    await page.goto(`/sign-in?next=%2Faccount#${secret}`);
    await page.getByText('You are signed in as Rita, Harbour Bank.').waitFor();
    expect(page.url()).not.toContain('cvl_');
    expect(requests.slice(before).filter((sent) => sent.startsWith('POST'))).toEqual([]);
    await page.getByRole('button', { name: 'Keep my sign-in' }).click();
    await page.getByRole('button', { name: 'Account of Rita' }).waitFor();
    // Neither the history nor the page still has the secret: going back shows no question, and the link stays unused.
    await page.goBack();
    expect(page.url()).not.toContain('cvl_');
    expect(requests.slice(before).filter((sent) => sent.startsWith('POST'))).toEqual([]);
    await page.goto(`/sign-in#${secret}`);
    await page.getByRole('button', { name: 'Continue with the link' }).click();
    await page.getByRole('button', { name: 'Account of Sue' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('reports a used link, and keeps the person signed in', async () => {
    const { tenant, reviewer, supervisor } = stage.world.harbour;
    const { link = '' } = await stage.signIn(tenant, supervisor);
    const { page } = await stage.signIn(tenant, reviewer);
    await page.goto(`/sign-in#${link}`);
    await page.getByRole('button', { name: 'Continue with the link' }).click();
    await page.getByText('This link does not work').first().waitFor();
    await page.getByRole('button', { name: 'Keep my sign-in' }).click();
    await page.getByRole('button', { name: 'Account of Rita' }).waitFor();
  });

  test('accepts a link pasted over the sign-in page, and removes its secret from the address', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const { page } = await stage.visitor();
    await page.goto('/sign-in');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const secret = await createSignInLink(stage.world, tenant, reviewer.id);
    await page.goto(`/sign-in#${secret}`);
    await page.getByRole('heading', { level: 1, name: 'My queue' }).waitFor();
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain('cvl_');
  });

  test('keeps a link while the service is unreachable, and uses it afterwards', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const { page } = await stage.visitor();
    const secret = await createSignInLink(stage.world, tenant, reviewer.id);
    await page.route('**/v1/sign-in/link', (route) => route.abort());
    await page.goto(`/sign-in#${secret}`);
    await page.getByText('The service cannot be reached.').waitFor();
    await page.unroute('**/v1/sign-in/link');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'My queue' }).waitFor();
  });

  test('adds a passkey on the account page, and signs in with it after signing out', async () => {
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
    await page.getByRole('heading', { level: 1, name: 'My queue' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('asks a person who signed in by link to add a passkey before signing out, with the deadline', async () => {
    const { tenant, auditor } = stage.world.harbour;
    const { page, complaints } = await stage.signIn(tenant, auditor);
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const asked = page.getByRole('dialog', { name: 'Sign out without a passkey?' });
    await asked.getByText('a new link from your operator', { exact: false }).waitFor();
    await asked.getByRole('link', { name: 'Add a passkey first' }).click();
    await page.getByText(/^You can add one until \d\d:\d\d\./).waitFor();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await asked.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Ask your operator for a sign-in link', { exact: false }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('reloads the page of a person after another one signs in in the same browser', async () => {
    const { tenant, reviewer, supervisor } = stage.world.harbour;
    const { page, context } = await stage.signIn(tenant, reviewer);
    await page.getByRole('button', { name: /Rita/ }).waitFor();
    await page.getByRole('searchbox').fill('what Rita typed');
    const beside = await context.newPage();
    await beside.goto(`/sign-in#${await createSignInLink(stage.world, tenant, supervisor.id)}`);
    await beside.getByRole('button', { name: 'Continue with the link' }).click();
    await beside.getByRole('button', { name: /Sue/ }).waitFor();
    await page.getByRole('button', { name: /Sue/ }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('leads a browser that was signed out elsewhere to the sign-in page at its next step', async () => {
    const { tenant, privacy } = stage.world.harbour;
    const [one, two] = [await stage.signIn(tenant, privacy), await stage.signIn(tenant, privacy)];
    await two.page.goto('/account');
    await two.page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await two.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await one.page.getByRole('link', { name: 'My access' }).click();
    await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('names the address where passkeys work', async () => {
    for (const [language, button, text] of [
      ['en', 'Sign in with a passkey', 'Passkeys of callvault work at localhost only; this page is at 127.0.0.1.'],
      ['zh-CN', '使用通行密钥登录', '请打开 localhost，或使用登录链接。'],
    ] as const) {
      const { page } = await stage.visitor({ language });
      await page.goto(`${stage.url.replace('localhost', '127.0.0.1')}/sign-in`);
      await page.getByRole('button', { name: button }).click();
      await page.getByText(text).waitFor();
    }
  });
});
