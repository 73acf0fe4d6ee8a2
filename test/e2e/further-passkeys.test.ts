// A further passkey with a browser: made on another device and confirmed by one that the person already has, and what goes wrong.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addAuthenticator } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`a further passkey with a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  const add = async ({ page }: Person, label: string): Promise<void> => {
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByLabel('Name of the passkey').fill(label);
    await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  };
  const listed = async ({ page }: Person): Promise<string[]> =>
    page
      .locator('ul.lines-list li .m')
      .filter({ hasText: /key|laptop/ })
      .allTextContents();
  /** A person with a first passkey, which is put aside; another device is in the browser. */
  const withTwoDevices = async () => {
    const { id } = await stage.world.person(stage.world.harbour.tenant, ['supervisor']);
    const person = await stage.signIn(stage.world.harbour.tenant, { id });
    const first = await addAuthenticator(person.page);
    await person.page.goto('/account');
    await add(person, 'Work laptop');
    await person.page.getByText('Work laptop', { exact: true }).waitFor();
    const putBack = await first.putAside();
    const second = await first.securityKey();
    return { person, second, putBack };
  };

  test('is confirmed by one from before, after it was cancelled once, and works', async () => {
    const { person, putBack } = await withTwoDevices();
    const { page, complaints } = person;
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    await dialog.getByText('This takes two steps.', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).last().click();
    await add(person, 'Security key');
    await dialog.getByText('“Security key” is ready, but does not work yet.', { exact: false }).waitFor();
    expect(await dialog.getByRole('listitem').allTextContents()).toEqual(['Work laptop']);
    const first = await putBack();
    await first.verifies(false);
    await dialog.getByRole('button', { name: 'Confirm with my passkey' }).click();
    await dialog.getByText('Not confirmed: you cancelled', { exact: false }).waitFor();
    await first.verifies(true);
    await dialog.getByRole('button', { name: 'Confirm with my passkey' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Security key', { exact: true }).waitFor();
    expect(await listed(person)).toEqual(['Work laptop', 'Security key']);
    // The new one alone signs in.
    await first.putAside();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('button', { name: /passkey/ }).click();
    await page.getByRole('button', { name: /^Account of/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('is not made on a device that has one, nor if the person cancels', async () => {
    const { person, second, putBack } = await withTwoDevices();
    const { page, complaints } = person;
    await second.verifies(false);
    await add(person, 'Security key');
    await page.getByText('No passkey was added: you cancelled', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    await second.putAside();
    await putBack();
    await add(person, 'Security key');
    await page.getByText('This device already has one of your passkeys', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    expect(await listed(person)).toEqual(['Work laptop']);
    expect(complaints).toEqual([]);
  });

  test('is started again after five minutes', async () => {
    const { person, putBack } = await withTwoDevices();
    const { page, complaints } = person;
    await add(person, 'Security key');
    const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
    const confirm = dialog.getByRole('button', { name: 'Confirm with my passkey' });
    await confirm.waitFor();
    await putBack();
    stage.world.forward(5 * 60_000);
    await confirm.click();
    await dialog.getByText('The new passkey was not added: more than five minutes passed', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Add a passkey' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await listed(person)).toEqual(['Work laptop']);
    expect(complaints).toEqual([]);
  });
});
