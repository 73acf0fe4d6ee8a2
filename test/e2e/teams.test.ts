// The teams page in browsers: who sees which team, a team proposed and approved by two people, a member removed by one.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { addTeam } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const SIZES: readonly Look[] = [...LOOKS, { language: 'en', theme: 'light', width: 1366, height: 768 }];

describe.skipIf(!chromium.present)(`teams in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  const come = async (
    role: 'admin' | 'privacy' | 'supervisor' = 'admin',
    look: Look = {},
    hasPasskey = false,
  ): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, [role]), look);
    if (hasPasskey) await addPasskey(person);
    await person.page.goto('/teams');
    await person.page.getByRole('heading', { level: 1, name: /^(Teams|班组)$/ }).waitFor();
    return person;
  };
  const named = async (name: string, roles: readonly ('reviewer' | 'supervisor')[]): Promise<string> =>
    stage.world.named(stage.world.harbour.tenant, name, roles);
  const officer = async (): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, ['privacy']));
    await addPasskey(person);
    return person;
  };
  const approve = async (path: string): Promise<Person> => {
    const rita = await officer();
    await rita.page.goto(path);
    await rita.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await rita.page.getByText('The change is approved').waitFor();
    return rita;
  };
  const proposedAt = async ({ page }: Person): Promise<string> => {
    await page.waitForURL(/\/changes\/chg_/);
    return new URL(page.url()).pathname;
  };

  test('has no team at first, and says what follows', async () => {
    const admin = await come();
    await admin.page.getByText('No team yet').waitFor();
    await expectAccessibleAndInside(admin);
  });

  test('proposes a team by keyboard; once another person approves, the list has it', async () => {
    await named('Farah', ['supervisor']);
    await named('Hui', ['reviewer']);
    const admin = await come('admin', {}, true);
    const { page } = admin;
    await page.getByRole('button', { name: 'New team…' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Propose a team' });
    await dialog.getByLabel('Name', { exact: true }).fill('Night shift');
    await dialog.getByLabel('Find by name').fill('farah');
    await dialog.getByRole('checkbox', { name: 'Farah' }).press('Space');
    await dialog.getByRole('checkbox', { name: 'Leads: Farah' }).press('Space');
    await dialog.getByLabel('Find by name').fill('hui');
    await dialog.getByRole('checkbox', { name: 'Hui' }).press('Space');
    // No supervisor, so no lead.
    await dialog.getByRole('checkbox', { name: 'Leads: Hui' }).waitFor({ state: 'detached' });
    await dialog.getByText('2 chosen').waitFor();
    await dialog.getByLabel('Queues, one a line').fill(Array.from({ length: 33 }, (_, n) => `q${n}`).join('\n'));
    await dialog.getByText('A team has at most 32 queues.').waitFor();
    await dialog.getByLabel('Queues, one a line').fill('Sales\nsales\nCare');
    await dialog.getByLabel('Calls without a queue belong to the team too').press('Space');
    await dialog.getByRole('button', { name: 'Compare' }).press('Enter');
    const change = dialog.getByRole('region', { name: 'Team' });
    await change.getByRole('listitem').filter({ hasText: 'Farah' }).getByText('will lead').waitFor();
    expect(await change.getByRole('list').nth(1).getByRole('listitem').allTextContents()).toEqual([
      'Calls without a queueadded',
      'Careadded',
      'Salesadded',
    ]);
    await expectAccessibleAndInside(admin);
    await dialog.getByLabel('Reason').fill('Calls after ten in the evening');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const path = await proposedAt(admin);
    await page.goto('/teams');
    await page.getByText('1 change of teams needs a second approver.').waitFor();
    await page.getByText('No team yet').waitFor();
    const rita = await approve(path);
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: 'Night shift' });
    await row.getByRole('cell', { name: 'Farah', exact: true }).waitFor();
    await row
      .getByRole('cell', { name: /Care · 1 lead/ })
      .last()
      .waitFor();
    await page.getByRole('region', { name: '3 queues with fewer than two leads' }).waitFor();
    await row.getByRole('link', { name: 'Night shift' }).press('Enter');
    await page.waitForURL(/\/teams\/tea_/);
    await page.getByRole('heading', { level: 1, name: 'Night shift' }).waitFor();
    await page.goto('/people');
    await page.getByRole('row').filter({ hasText: 'Farah' }).getByText('Night shift (leads)').waitFor();
    await page.getByRole('row').filter({ hasText: 'Hui' }).getByRole('link', { name: 'Night shift' }).waitFor();
    expect([admin.complaints, rita.complaints]).toEqual([[], []]);
  });

  test('proposes a change of a team, and shows that the same team changes nothing', async () => {
    const { world } = stage;
    const [lead, other] = [await named('Iris', ['supervisor']), await named('Jun', ['reviewer'])];
    const members = [lead, other];
    const team = await addTeam(world.vault, world.harbour.tenant, { members, leads: [lead], queues: ['Loans'] });
    const admin = await come('admin', {}, true);
    const { page } = admin;
    await page.goto(`/teams/${team}`);
    await page.getByRole('button', { name: 'Propose a change…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change QA' });
    await dialog.getByRole('button', { name: 'Compare' }).click();
    await dialog.getByText('Nothing changes.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Propose' }).isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Back' }).click();
    await dialog.getByRole('checkbox', { name: 'Jun' }).click();
    await dialog.getByLabel('Queues, one a line').fill('Loans\nCards');
    await dialog.getByRole('button', { name: 'Compare' }).click();
    await dialog.getByRole('listitem').filter({ hasText: 'Jun' }).getByText('removed').waitFor();
    await dialog.getByLabel('Reason').fill('Jun moves to sales');
    await dialog.getByRole('button', { name: 'Propose' }).click();
    const path = await proposedAt(admin);
    await page.goto('/teams');
    await page.getByRole('row').filter({ hasText: 'Loans' }).getByText('change waits').waitFor();
    await approve(path);
    await page.goto(`/teams/${team}`);
    await page.getByRole('region', { name: 'Queues' }).getByText('Cards').waitFor();
    await page.getByRole('row').filter({ hasText: 'Iris' }).waitFor();
    expect(await page.getByRole('row').filter({ hasText: 'Jun' }).count()).toBe(0);
    expect(admin.complaints).toEqual([]);
  });

  test.each(SIZES)('shows list, team, form and removal accessibly, %o', async (look) => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const [lead, other] = [await named('Kim', ['supervisor']), await named('Lena', ['reviewer'])];
    const queues = [null, 'Complaints about card payments abroad', 'x'.repeat(120)];
    const team = await addTeam(world.vault, tenant, { members: [lead, other], leads: [lead], queues });
    const admin = await come('admin', look);
    const { page } = admin;
    await untilLoaded(admin);
    await expectAccessibleAndInside(admin);
    await page.goto(`/teams/${team}`);
    await page.getByRole('row').filter({ hasText: 'Kim' }).waitFor();
    await expectAccessibleAndInside(admin);
    await page.getByRole('button', { name: /^(Propose a change…|提交变更…)$/ }).click();
    await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
    await expectAccessibleAndInside(admin);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^(Actions for |对)Kim/ }).click();
    await page.getByRole('menuitem', { name: /^(Remove from the team…|移出班组…)$/ }).click();
    await page.getByRole('dialog').waitFor();
    await expectAccessibleAndInside(admin);
  });

  test('removes the lead and a member at once, after a question', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const [lead, other] = [await named('Mona', ['supervisor']), await named('Nils', ['reviewer'])];
    const team = await addTeam(world.vault, tenant, { members: [lead, other], leads: [lead], queues: ['Fraud'] });
    const admin = await come();
    const { page } = admin;
    await page.goto(`/teams/${team}`);
    const removing = async (name: string, item: string): Promise<void> => {
      await page.getByRole('button', { name: `Actions for ${name}` }).click();
      await page.getByRole('menuitem', { name: item }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    };
    await removing('Mona', 'Remove the lead…');
    await page.getByText('Mona no longer leads').first().waitFor();
    await page.getByRole('row', { name: /Mona.*Member/ }).waitFor();
    await page.getByRole('region', { name: 'Queues' }).getByText('no lead').waitFor();
    await removing('Nils', 'Remove from the team…');
    await page.getByText('Nils is removed').waitFor();
    await page.getByRole('row').filter({ hasText: 'Nils' }).waitFor({ state: 'detached' });
    const rows = await world.vault.db.read((read) => read.teams.members(tenant, [team]), {
      signal: AbortSignal.timeout(60_000),
    });
    expect(rows.map(({ person, lead: leads }) => [person, leads])).toEqual([[lead, false]]);
    expect(admin.complaints).toEqual([]);
  });

  test('shows a supervisor their own teams without a button, a privacy officer all, a reviewer none', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const supervisor = await world.person(tenant, ['supervisor']);
    const own = await addTeam(world.vault, tenant, { members: [supervisor.id], queues: ['Own queue'] });
    const foreign = await addTeam(world.vault, tenant, { members: [], queues: ['Other queue'] });
    const sue = await stage.signIn(tenant, supervisor);
    await sue.page.goto('/teams');
    await sue.page.getByRole('cell', { name: /Own queue/ }).waitFor();
    expect(await sue.page.getByText('Other queue').count()).toBe(0);
    expect(await sue.page.getByRole('button', { name: 'New team…' }).count()).toBe(0);
    await sue.page.goto(`/teams/${own}`);
    await sue.page.getByRole('heading', { level: 1, name: 'QA' }).waitFor();
    await sue.page.goto(`/teams/${foreign}`);
    await sue.page.getByText('There is no such team').waitFor();
    await expectAccessibleAndInside(sue);
    const rita = await come('privacy');
    await rita.page.getByRole('cell', { name: /Other queue/ }).waitFor();
    expect(await rita.page.getByRole('button', { name: 'New team…' }).count()).toBe(0);
    const reviewer = await stage.signIn(tenant, await world.person(tenant, ['reviewer']));
    await reviewer.page.goto('/teams');
    await reviewer.page
      .getByText(/Reviewer/)
      .first()
      .waitFor();
    expect(await reviewer.page.getByRole('table').count()).toBe(0);
    expect([sue.complaints, rita.complaints, reviewer.complaints]).toEqual([[], [], []]);
  });

  test('shows the queues of recordings that no team has', async () => {
    const { world } = stage;
    await addTeam(world.vault, world.harbour.tenant, { members: [], queues: ['Housed'] });
    for (const queue of ['housed', 'Homeless'])
      await world.deposited(world.harbour, queue, wav(1000), { 'vault-meta-queue': queue });
    const admin = await come();
    const alone = admin.page.getByRole('region', { name: '1 queue in no team' });
    await alone.waitFor();
    expect(await alone.getByRole('listitem').allTextContents()).toEqual(['Homeless']);
    await expectAccessibleAndInside(admin);
  });

  test('says that the list could not be read, and reads it again', async () => {
    const admin = await come();
    const { page } = admin;
    await page.route('**/v1/teams', (route) => route.fulfill({ status: 500, body: '{}' }));
    await page.reload();
    const again = page.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    await expectAccessibleAndInside(admin);
    await page.unroute('**/v1/teams');
    await again.click();
    await page.getByRole('table').waitFor();
  });
});
