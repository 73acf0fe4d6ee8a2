// Changes by two people in browsers: proposed by one person, shown line by line, approved by another with a passkey.
import { describe, expect, test } from 'vitest';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, goTo, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`changes in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  let proposals = 0;

  /** A change of settings by a privacy officer, over HTTP. */
  const proposed = async (note: string): Promise<string> => {
    const settings = {
      default_basis: 'none',
      time_zone: 'Asia/Shanghai',
      searchable: ['contract', `order-${++proposals}`],
      decide_by_key: false,
      approver_age_hours: 48,
    };
    const json = { kind: 'settings', note, settings };
    const reply = await stage.world.call('POST', '/v1/changes', { key: stage.world.harbour.privacy.key, json });
    return ((await reply.json()) as { id: string }).id;
  };
  /** A new admin, signed in; with a passkey if so wanted. */
  const newAdmin = async (passkey: boolean, look: Look = {}): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, ['admin']), look);
    if (passkey) await addPasskey(person);
    return person;
  };
  const newOfficer = async (): Promise<Person> => {
    const { tenant } = stage.world.harbour;
    const person = await stage.signIn(tenant, await stage.world.person(tenant, ['privacy']));
    await addPasskey(person);
    return person;
  };
  const settings = async (): Promise<Record<string, unknown>> => {
    const reply = await stage.world.call('GET', '/v1/settings', { key: stage.world.harbour.privacy.key });
    return (await reply.json()) as Record<string, unknown>;
  };

  test.each(LOOKS)('show a change and its denial accessibly, %o', async (look) => {
    const id = await proposed('From January on we record on consent only, and approvers wait two days.');
    const person = await newAdmin(false, look);
    const { page } = person;
    await page.goto(`/changes/${id}`);
    await page.locator('.diff').waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
  });

  test('are proposed by a privacy officer and approved by an admin with a passkey', async () => {
    const officer = await newOfficer();
    await officer.page.goto('/changes');
    await officer.page.getByRole('button', { name: 'Propose settings…' }).click();
    const form = officer.page.getByRole('dialog', { name: 'Propose settings' });
    await form.getByLabel('Searchable fields').fill('contract, order-no');
    await form.getByLabel('Age of an approver’s account').fill('36');
    await form.getByLabel('Reason').fill('Contracts are searched by number');
    await form.getByText('Your passkey then signs exactly this proposal').waitFor();
    await expectAccessibleAndInside(officer);
    await form.getByRole('button', { name: 'Propose', exact: true }).click();
    await officer.page.getByText('Proposed: another person must approve').waitFor();
    // The proposer sees no approve button. The list may show the change before its page opens.
    await officer.page.waitForURL(/\/changes\/chg_/);
    await officer.page.getByRole('heading', { name: 'Your change' }).waitFor();
    expect(await officer.page.getByText('Not signed yet').count()).toBe(0);
    expect(await officer.page.getByRole('button', { name: 'Approve with passkey' }).count()).toBe(0);
    const id = new URL(officer.page.url()).pathname.split('/').at(-1);

    const admin = await newAdmin(true);
    await goTo(admin.page, /^Changes/);
    await admin.page.goto(`/changes/${id}`);
    const table = admin.page.getByRole('region', { name: 'What changes' });
    await table
      .getByRole('row', {
        name: /Searchable fields none contract, order-no|Searchable fields none contract and order-no/,
      })
      .waitFor();
    await table.getByRole('row', { name: /Age of an approver’s account 0 hours 36 hours Stricter/ }).waitFor();
    await admin.page.getByText('Contracts are searched by number').first().waitFor();
    expect(await settings()).toMatchObject({ searchable: [], approver_age_hours: 0 });
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await admin.page.getByText('The change is approved').waitFor();
    await admin.page.getByText(/^In force: Rita/).waitFor();
    expect(await settings()).toMatchObject({ searchable: ['contract', 'order-no'], approver_age_hours: 36 });
    expect([officer.complaints, admin.complaints]).toEqual([[], []]);
  });

  test('are denied with a reason that the proposer reads, or withdrawn by the proposer', async () => {
    const { harbour } = stage.world;
    const [first, second] = [await proposed('One too many'), await proposed('By mistake')];
    const officer = await stage.signIn(harbour.tenant, harbour.privacy);
    await officer.page.goto(`/changes/${first}`);
    await officer.page.getByRole('heading', { name: 'You have no passkey yet' }).waitFor();
    const admin = await newAdmin(true);
    await admin.page.goto(`/changes/${first}`);
    await admin.page.getByText('The proposer has not signed it with a passkey yet').waitFor();
    // What an API key proposed, its person signs.
    await addPasskey(officer);
    await officer.page.goto(`/changes/${first}`);
    await officer.page.getByRole('heading', { name: 'Not signed yet' }).waitFor();
    await expectAccessibleAndInside(officer);
    await officer.page.getByRole('button', { name: 'Sign with passkey' }).click();
    await officer.page.getByText('Proposed: another person must approve').waitFor();
    await admin.page.goto(`/changes/${first}`);
    await admin.page.getByRole('button', { name: 'Deny…' }).click();
    const dialog = admin.page.getByRole('dialog', { name: 'Deny this change' });
    await dialog.getByLabel('Reason').fill('Legal has not agreed');
    await dialog.getByRole('button', { name: 'Deny', exact: true }).click();
    await admin.page.getByText('The change is denied').waitFor();
    await officer.page.goto(`/changes/${first}`);
    await officer.page.getByText('“Legal has not agreed”').waitFor();
    await officer.page.goto(`/changes/${second}`);
    await officer.page.getByRole('button', { name: 'Withdraw' }).click();
    await officer.page
      .getByRole('dialog', { name: 'Withdraw this change?' })
      .getByRole('button', { name: 'Withdraw' })
      .click();
    await officer.page.getByText(/^Withdrawn: Rita/).waitFor();
    await officer.page.getByRole('button', { name: 'Decided' }).click();
    await officer.page.locator('.rq').filter({ hasText: 'By mistake' }).getByText('Withdrawn').waitFor();
    expect([officer.complaints, admin.complaints]).toEqual([[], []]);
  });

  test('of an operator’s command are confirmed by the admin, and the person exists', async () => {
    const { tenant } = stage.world.yunhai;
    const admin = await stage.signIn(tenant, stage.world.yunhai.admin);
    await addPasskey(admin);
    await stage.world.deposited(stage.world.yunhai, 'call-1', wav(1000));
    const wanted = { kind: 'people', people: [{ name: 'Wei Zhang', roles: ['reviewer', 'supervisor'] }] } as const;
    const how = { note: 'Night shift from Monday on', alone: false };
    const signal = AbortSignal.timeout(60_000);
    const outcome = await changeByCommand(stage.world.vault, operatorActor('ops-7'), tenant, wanted, how, { signal });
    if (outcome.done) throw new Error('the command acted at once');
    await admin.page.goto('/changes');
    await admin.page.getByRole('heading', { name: 'ops-7 proposes changes of people' }).waitFor();
    await admin.page.getByRole('row', { name: /Wei Zhang .*new Reviewer · Supervisor/ }).waitFor();
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await admin.page.getByText('The change is approved').waitFor();
    await goTo(admin.page, /^People/);
    await admin.page.getByRole('row', { name: /Wei Zhang/ }).waitFor();
    expect(admin.complaints).toEqual([]);
  });

  test('of rebuilt recordings show how many are released, to whom, and what stays', async () => {
    const { yunhai } = stage.world;
    const admin = await stage.signIn(yunhai.tenant, await stage.world.person(yunhai.tenant, ['admin']));
    const [call, damaged] = [
      await stage.world.deposited(yunhai, 'rebuilt-1', wav(1000)),
      await stage.world.deposited(yunhai, 'rebuilt-2', wav(1000)),
    ];
    stage.world.sql
      .prepare("update recording set quarantine = 'rebuilt', depositor = 'rebuilt' where id in (?, ?)")
      .run(call, damaged);
    stage.world.sql.prepare("update recording set quarantine = 'integrity,rebuilt' where id = ?").run(damaged);
    const json = { kind: 'release', note: 'After the rebuild', depositor: yunhai.uploader.id };
    const reply = await stage.world.call('POST', '/v1/changes', { key: yunhai.privacy.key, json });
    expect(reply.status).toBe(201);
    const { id } = (await reply.json()) as { id: string };
    await admin.page.goto(`/changes/${id}`);
    const card = admin.page.getByRole('region', { name: 'What is released' });
    await card.getByText('recording can be listened to again').waitFor();
    await card.getByText('1 recording that stays').click();
    await card.getByText(damaged).waitFor();
    await expectAccessibleAndInside(admin);
    expect(admin.complaints).toEqual([]);
  });

  test('of a command wait for the signature of its operator, who gives it here', async () => {
    const { yunhai } = stage.world;
    const { tenant } = yunhai;
    const admin = await stage.signIn(tenant, await stage.world.person(tenant, ['admin']));
    await addPasskey(admin);
    const night = await stage.signIn('deployment', { id: await stage.world.operator('night-desk') });
    await addPasskey(night);
    await stage.world.deposited(yunhai, 'call-of-the-night', wav(1000));
    const wanted = { kind: 'people', people: [{ name: 'Lin Chen', roles: ['auditor'] }] } as const;
    const how = { note: 'For the audit in May', alone: false };
    const signal = AbortSignal.timeout(60_000);
    const by = operatorActor('night-desk');
    const outcome = await changeByCommand(stage.world.vault, by, tenant, wanted, how, { signal });
    if (outcome.done) throw new Error('the command acted at once');
    const { id } = outcome.change;
    await admin.page.goto(`/changes/${id}`);
    await admin.page.getByText('The proposer has not signed it with a passkey yet').waitFor();
    await night.page.goto(`/changes/${id}`);
    await night.page.getByRole('heading', { name: 'Not signed yet' }).waitFor();
    await night.page.getByText(`callvault changes withdraw ${id}`).waitFor();
    await expectAccessibleAndInside(night);
    await night.page.getByRole('button', { name: 'Sign with passkey' }).click();
    await night.page.getByText('Proposed: another person must approve').waitFor();
    await night.page.getByRole('heading', { name: 'Your change' }).waitFor();
    await admin.page.goto(`/changes/${id}`);
    await admin.page.getByText('Signed by the proposer').waitFor();
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await admin.page.getByText('The change is approved').waitFor();
    expect([night.complaints, admin.complaints]).toEqual([[], []]);
  });

  test('wait for an operator where no admin has a passkey', async () => {
    const { harbour } = stage.world;
    const tenant = harbour.tenant;
    const day = await stage.signIn('deployment', { id: await stage.world.operator('day-shift') });
    await addPasskey(day);
    await day.page.goto('/changes');
    await day.page.getByRole('heading', { name: 'Nothing is waiting' }).waitFor();
    await expectAccessibleAndInside(day);
    expect(tenant).toMatch(/^ten_/);
  });
});
