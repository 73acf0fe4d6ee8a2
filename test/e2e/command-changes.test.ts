// What commands ask to do, in browsers: fact by fact, approved by the tenant's admin, and still to be done.
import { describe, expect, test } from 'vitest';
import type { CarryOutOptions } from '../../src/vault/changes/carry-out.ts';
import { addServiceByCommand } from '../../src/vault/commands/add-service.ts';
import { moveKeyByCommand } from '../../src/vault/commands/change-key.ts';
import { createApiKeyByCommand } from '../../src/vault/commands/create-api-key.ts';
import { createLinkByCommand } from '../../src/vault/commands/create-link.ts';
import { eraseByCommand } from '../../src/vault/commands/erase-recordings.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey } from './support/steps.ts';

const chromium = needs('chromium');
const by = operatorActor('ops-7');
const HOW: CarryOutOptions = { note: 'Lost her phone', alone: false, change: null };

describe.skipIf(!chromium.present)(`commands in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const request = () => ({ signal: AbortSignal.timeout(60_000) });
  let admin: Person;
  let calls = 0;
  /** Another admin with a passkey; pages end with their test. */
  const ready = async () => {
    const { harbour } = stage.world;
    admin = await stage.signIn(harbour.tenant, await stage.world.person(harbour.tenant, ['admin']));
    await addPasskey(admin);
    await stage.world.deposited(harbour, `call-${++calls}`, wav(1000));
  };
  /** The page of the change that a command opened. */
  const opened = async (outcome: object) => {
    if (!('change' in outcome)) throw new Error('the command acted at once');
    const { id } = outcome.change as { readonly id: string };
    const { page } = admin;
    await page.goto(`/changes/${id}`);
    return page;
  };

  test('a link shows for whom it is, and waits for its command once approved', async () => {
    await ready();
    const { vault, harbour } = stage.world;
    const { tenant } = harbour;
    const principal = await stage.world.named(tenant, 'Rita Vale');
    const what = { tenant, principal, minutes: 45, replacePasskeys: true };
    const outcome = await createLinkByCommand(vault, by, what, HOW, request());
    const page = await opened(outcome);
    await page.getByRole('heading', { name: 'ops-7 wants to create a sign-in link' }).waitFor();
    const card = page.getByRole('region', { name: 'What the command will do' });
    expect(await card.textContent()).toMatch(
      /Signs inRita Vale usr_\w+Minutes until it expires45Removes .* sign-insyes/,
    );
    await page.getByText('The operator’s command then does exactly this, once, within 24 hours').waitFor();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.getByText('The change is approved').waitFor();
    await page.getByText(/^Approved: /).waitFor();
    const id = outcome.done ? '' : outcome.change.id;
    const acted = await createLinkByCommand(vault, by, what, { ...HOW, change: id }, request());
    expect(acted).toMatchObject({ done: true });
    expect(admin.complaints).toEqual([]);
  });

  test('keys, services, erasures and another key are shown in both languages', async () => {
    await ready();
    const { vault, harbour } = stage.world;
    const { tenant } = harbour;
    const call = await stage.world.deposited(harbour, 'call-to-erase', wav(1000));
    const key = { tenant, principal: harbour.reviewer.id, days: 30, scopes: null };
    const erasure = { tenant, recordings: [call], reason: 'court-order' } as const;
    const owners = [await stage.world.named(tenant, 'Rita Vale')];
    const siem = { tenant, name: 'SIEM', roles: ['auditor'], owners };
    const outcomes = [
      [await createApiKeyByCommand(vault, by, key, HOW, request()), /Days until it expires30/],
      [await eraseByCommand(vault, by, erasure, HOW, request()), new RegExp(`Reasoncourt orderErases for good${call}`)],
      [await addServiceByCommand(vault, by, siem, HOW, request()), /NameSIEMRolesAuditorAnswer for itRita Vale/],
      [await moveKeyByCommand(vault, by, { tenant, key: null }, HOW, request()), /moves to a new key/],
    ] as const;
    for (const [outcome, shown] of outcomes) {
      const page = await opened(outcome);
      const card = page.getByRole('region', { name: 'What the command will do' });
      expect(await card.textContent()).toMatch(shown);
    }
    await admin.page.goto('/changes');
    await admin.page.getByText('Erasure', { exact: true }).waitFor();
    const id = 'change' in outcomes[1][0] ? outcomes[1][0].change.id : '';
    const look = LOOKS.find(({ language }) => language === 'zh-CN') ?? {};
    const chinese = await stage.signIn(tenant, await stage.world.person(tenant, ['admin']), look);
    await chinese.page.goto(`/changes/${id}`);
    await chinese.page.getByRole('heading', { name: '销毁录音' }).first().waitFor();
    await chinese.page.getByRole('region', { name: '命令将执行的操作' }).waitFor();
    await expectAccessibleAndInside(chinese);
    expect(chinese.complaints).toEqual([]);
  });
});
