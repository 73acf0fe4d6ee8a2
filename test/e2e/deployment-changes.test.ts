// Changes of the deployment in browsers: proposed by one operator's command, signed and confirmed here, denied without a reason.
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { CommandBody } from '../../src/model/change/command.ts';
import { type CarryOutOptions, permitAct } from '../../src/vault/changes/carry-out.ts';
import { addOperatorByCommand } from '../../src/vault/commands/add-operator.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { needs } from '../support/needs.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const HOW: CarryOutOptions = { note: '', alone: false, change: null };

describe.skipIf(!chromium.present)(`changes of the deployment in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const request = () => ({ signal: AbortSignal.timeout(60_000) });
  let pairs = 0;
  /** Two operators with passkeys, the first of whom runs the commands; pages end with their test. */
  const both = async () => {
    const codes = [`night-${++pairs}`, `day-${pairs}`] as const;
    const signedIn = async (code: string): Promise<Person> => {
      const person = await stage.signIn('deployment', { id: await stage.world.operator(code) });
      await addPasskey(person);
      return person;
    };
    const by = operatorActor(codes[0]);
    const add = (code: string, change: string | null = null) =>
      addOperatorByCommand(stage.world.vault, by, { code, role: 'operator' }, { ...HOW, change }, request());
    return { codes, first: await signedIn(codes[0]), second: await signedIn(codes[1]), by, add };
  };
  const idOf = (outcome: object): string => {
    if (!('change' in outcome)) throw new Error('the command acted at once');
    return (outcome.change as { readonly id: string }).id;
  };
  const sign = async ({ page }: Person, id: string): Promise<void> => {
    await page.goto(`/changes/${id}`);
    await page.getByRole('heading', { name: 'Not signed yet' }).waitFor();
    await page.getByRole('button', { name: 'Sign with passkey' }).click();
    await page.getByText('Proposed: another person must approve').waitFor();
  };

  test('are signed by the operator of the command and confirmed by another one', async () => {
    const { codes, first, second, add } = await both();
    const id = idOf(await add('ops-3'));
    await second.page.goto(`/changes/${id}`);
    await second.page.getByText('The proposer has not signed it with a passkey yet').waitFor();
    await sign(first, id);
    await first.page.getByRole('heading', { name: 'Your change' }).waitFor();
    await first.page.getByText(`callvault changes withdraw ${id}`).waitFor();
    expect(await first.page.getByRole('button', { name: 'Approve with passkey' }).count()).toBe(0);
    await expectAccessibleAndInside(first);
    const { page } = second;
    await page.goto(`/changes/${id}`);
    await page.getByRole('heading', { name: `${codes[0]} wants to add a person of the deployment` }).waitFor();
    await page.getByText(/by command · of the deployment$/).waitFor();
    const card = page.getByRole('region', { name: 'What the command will do' });
    expect(await card.locator('dl').textContent()).toBe('Staff codeops-3RoleOperator');
    // It has no note, so neither a card nor a line for one.
    expect(await page.locator('.dt-main .say').count()).toBe(0);
    expect(await page.locator('.rq.on .dim.small').first().textContent()).toBe(codes[0]);
    await page.getByText('Signed by the proposer').waitFor();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.getByText('The change is approved').waitFor();
    expect(await add('ops-3', id)).toMatchObject({ done: true });
    await page.goto(`/changes/${id}`);
    await page.getByText(`In force: ${codes[1]}`).waitFor();
    expect([first.complaints, second.complaints]).toEqual([[], []]);
  });

  test('are denied without a reason, and the dialog says what happens then', async () => {
    const { codes, first, second, add } = await both();
    const id = idOf(await add('ops-4'));
    await sign(first, id);
    const { page } = second;
    await page.goto(`/changes/${id}`);
    await page.getByRole('button', { name: 'Deny…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deny this change' });
    await dialog.getByText('It then takes no effect. The log records that you denied it.').waitFor();
    expect(await dialog.getByRole('textbox').count()).toBe(0);
    await expectAccessibleAndInside(second);
    await dialog.getByRole('button', { name: 'Deny', exact: true }).click();
    await page.getByText('The change is denied').waitFor();
    await first.page.goto(`/changes/${id}`);
    await first.page.getByText(`Denied: ${codes[1]}`).waitFor();
    expect(await first.page.getByText('“').count()).toBe(0);
    await expect(add('ops-4', id)).rejects.toMatchObject({ code: 'conflict' });
    expect([first.complaints, second.complaints]).toEqual([[], []]);
  });

  test('of the clock are not signed on a device whose clock is another than the service’s', async () => {
    const { codes, first, second, by } = await both();
    const clock = new Date(stage.world.vault.clock.now()).toISOString();
    const logs = [{ log: stage.world.harbour.tenant, from: '2032-12-10T00:28:07.747Z', erased: 3 }];
    const body: CommandBody = { v: 1, kind: 'clock', how: 'correct', clock, logs };
    const id = idOf(await permitAct(stage.world.vault, by, 'deployment', body, HOW, request()));
    await sign(first, id);
    const { page } = second;
    // A person who set the clock of the service back by an hour cannot set this one.
    await page.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() + 3_600_000;
    });
    await page.goto(`/changes/${id}`);
    await page.getByRole('heading', { name: new RegExp(codes[0]) }).waitFor();
    await page.getByText('Look at a clock that you trust').waitFor();
    const approve = page.getByRole('button', { name: 'Approve with passkey' });
    expect(await approve.isDisabled()).toBe(true);
    await expectAccessibleAndInside(second);
    const { page: right } = await stage.signIn('deployment', { id: await stage.world.operator(`right-${pairs}`) });
    await right.goto(`/changes/${id}`);
    await right.getByRole('heading', { name: 'What the command will do' }).waitFor();
    expect(await right.getByText('Look at a clock that you trust').count()).toBe(0);
  });

  const tenant = newId('ten');
  const bodies: readonly CommandBody[] = [
    { v: 1, kind: 'restore', log: tenant, keys: ['5f'.repeat(32)], lost: 1412 },
    {
      ...{ v: 1, kind: 'rebuild', tenant, keys: ['keyring/key-1'], minimum_wrap: 2, country: 'CN' },
      ...{ default_basis: 'legal-obligation', approver_age_hours: 48, sha256: '0'.repeat(64) },
    },
    {
      ...{ v: 1, kind: 'clock', how: 'correct', clock: '2026-12-02T00:19:06.030Z' },
      logs: [{ log: tenant, from: '2032-12-10T00:28:07.747Z', erased: 3 }],
    },
  ];
  const facts: Readonly<Record<string, readonly RegExp[]>> = {
    en: [/Tenantten_\w+.*as lost .*1,412/, /Default legal basisLegal obligation/, /ten_\w+.*2032/],
    'zh-CN': [/租户ten_\w+.*1,412/, /默认合法依据法定义务/, /ten_\w+.*2032/],
  };

  test.each(LOOKS)('show a restore and a rebuild in words, %o', async (look: Look) => {
    const { language = 'en' } = look;
    const { by } = await both();
    const person = await stage.signIn('deployment', { id: await stage.world.operator(`reader-${pairs}`) }, look);
    for (const [n, body] of bodies.entries()) {
      const id = idOf(await permitAct(stage.world.vault, by, 'deployment', body, HOW, request()));
      await person.page.goto(`/changes/${id}`);
      const card = person.page.locator('.dt-main section');
      await card.waitFor();
      await untilLoaded(person);
      expect(await card.textContent()).toMatch(facts[language]?.[n] ?? /^$/);
      await expectAccessibleAndInside(person);
    }
  });
});
