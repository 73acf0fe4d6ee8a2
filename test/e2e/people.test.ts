// People page in a browser: signing people out and revoking keys after confirmation; other roles have no buttons for
// it.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`people in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  const come = async (role: 'admin' | 'auditor', look = {}): Promise<Person> => {
    const person = await stage.signIn(stage.world.harbour.tenant, stage.world.harbour[role], look);
    await person.page.goto('/people');
    await person.page.getByRole('table').first().waitFor();
    return person;
  };

  test.each(LOOKS)('with a question open, %o', async (look) => {
    const person = await come('admin', look);
    const { page } = person;
    await page
      .getByRole('button', { name: /^(Revoke key|吊销)/ })
      .first()
      .waitFor();
    await expectAccessibleAndInside(person);
    await page
      .getByRole('button', { name: /^(Revoke key|吊销)/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    await page.waitForTimeout(300);
    await expectAccessibleAndInside(person);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('signs a person out: the next step in their browser leads to the sign-in page', async () => {
    const { harbour } = stage.world;
    const sue = await stage.signIn(harbour.tenant, harbour.supervisor);
    const { page, complaints } = await come('admin');
    await page.getByRole('button', { name: 'Actions for Sue' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign Sue out?' });
    await dialog.getByText('1 browser is signed out at once').waitFor();
    await dialog.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Sue is signed out').waitFor();
    await page.getByRole('row', { name: /Sue/ }).getByText('in 1 browser').waitFor({ state: 'detached' });
    const signIn = sue.page.getByRole('heading', { name: 'Sign in' });
    // The page may notice by itself before the click.
    const link = sue.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Recordings' });
    await link.or(signIn).first().click();
    await signIn.waitFor();
    expect(complaints).toEqual([]);
  });

  test('revokes a key, which stops working immediately', async () => {
    const { harbour } = stage.world;
    const { id, secret } = await stage.world.keyOf(harbour.tenant, harbour.privacy.id, null, 5);
    const { page } = await come('admin');
    const row = page.getByRole('row').filter({ hasText: id.slice(-6) });
    await row.getByText('in 5 days').waitFor();
    await row.getByRole('button', { name: /^Revoke key/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The key is revoked').waitFor();
    await row.getByText('Revoked').waitFor();
    expect((await stage.world.call('GET', '/v1/recordings', { key: secret })).status).toBe(401);
  });

  test.each([
    ['a wide screen', {}],
    ['a telephone', { width: 390, height: 844 }],
  ])('shows notifications over no control, on %s', async (_, look) => {
    const { harbour } = stage.world;
    await stage.world.keyOf(harbour.tenant, harbour.colleague.id, null, 5);
    const { page } = await come('admin', look);
    const revoke = page.getByRole('button', { name: /^Revoke key/ });
    await revoke.last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    const told = page.getByRole('alert').filter({ hasText: 'The key is revoked' });
    await told.waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const covered = await told.evaluate((element) => {
      const over = element.getBoundingClientRect();
      const all = [...document.querySelectorAll('main :is(button, a, input), .nav-side a')];
      return all
        .map((one) => ({ name: one.textContent, at: one.getBoundingClientRect() }))
        .filter(({ at }) => at.width > 0 && at.left < over.right && at.right > over.left)
        .filter(({ at }) => at.top < over.bottom && at.bottom > over.top)
        .map(({ name }) => name);
    });
    expect(covered).toEqual([]);
    await told.click();
    await told.waitFor({ state: 'detached' });
  });

  test('finds a person by name, and no one by an unknown one', async () => {
    const { page } = await come('admin');
    await page.getByLabel('Find by name').fill('sue');
    await page.getByRole('row').filter({ hasText: 'Supervisor' }).waitFor();
    await page.getByLabel('Find by name').fill('nobody at all');
    await page.getByText('No match').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.getByRole('row').filter({ hasText: 'Administrator' }).waitFor();
  });

  test('filters by role, training and state in the address, and by a name that never is', async () => {
    const { tenant } = stage.world.harbour;
    await stage.world.turnOff(tenant, await stage.world.named(tenant, 'Olga'));
    const { page } = await come('auditor');
    const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text });
    const pick = async (filter: RegExp, choice: string): Promise<void> => {
      await page.getByRole('button', { name: filter }).click();
      await page.getByRole('menuitemradio', { name: choice, exact: true }).click();
    };
    await row('Olga').waitFor();
    await pick(/^Role/, 'Supervisor');
    await page.waitForURL(/\/people\?role=supervisor$/);
    await row('Sue').waitFor();
    expect(await row('Olga').count()).toBe(0);
    await page.getByRole('button', { name: 'Role: Supervisor' }).waitFor();
    // A copied address shows the same.
    await page.reload();
    await row('Sue').waitFor();
    await pick(/^Training/, 'Expired');
    await page.waitForURL(/training=expired/);
    await page.getByRole('heading', { name: 'No match' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.waitForURL(/\/people$/);
    await row('Olga').waitFor();
    await pick(/^State/, 'Deactivated');
    await page.waitForURL(/account=off$/);
    await row('Sue').waitFor({ state: 'detached' });
    await page.getByLabel('Find by name').fill('olga');
    await page
      .getByRole('status')
      .filter({ hasText: /^1 of \d+$/ })
      .waitFor();
    expect(page.url()).toMatch(/\/people\?account=off$/);
  });

  test('shows an auditor the people, but no keys and no buttons', async () => {
    const person = await come('auditor');
    await person.page.getByRole('row').filter({ hasText: 'Supervisor' }).waitFor();
    expect(await person.page.getByRole('heading', { name: 'API keys' }).count()).toBe(0);
    expect(await person.page.getByRole('button', { name: /^(Actions|Import|Export|Add)/ }).count()).toBe(0);
    await expectAccessibleAndInside(person);
  });

  test('explains a forbidden page, sends no request for it, and links to an allowed one', async () => {
    const { tenant, auditor } = stage.world.harbour;
    const person = await stage.signIn(tenant, auditor);
    const { page, requests } = person;
    for (const path of [
      '/recordings',
      '/recordings/rec_01jd0000000000000000000000',
      '/approvals',
      '/access',
      '/keys',
    ]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1, name: 'You may not see this page' }).waitFor();
    }
    await page.getByText('Your role (Auditor) does not include “Keys”.').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(requests.filter((sent) => /v1\/(recordings|access|grants|keys)/.test(sent))).toEqual([]);
    await expectAccessibleAndInside(person);
    await page.getByRole('link', { name: 'Go to Activity' }).click();
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
  });
});
