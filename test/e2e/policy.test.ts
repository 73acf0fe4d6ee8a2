// The policy page in browsers: the policy in plain words, a change proposed with what it does, approved by another person.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`the policy in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  type Version = { readonly id: string; readonly in_force: boolean; readonly version: number };
  const get = async (path: string) => {
    const reply = await stage.world.call('GET', path, { key: stage.world.harbour.privacy.key });
    return (await reply.json()) as Record<string, unknown>;
  };
  const inForce = async (): Promise<Version & { readonly policy: Record<string, unknown> }> => {
    const newest = ((await get('/v1/policies'))['data'] as Version[]).find((one) => one.in_force);
    return (await get(`/v1/policies/${newest?.id}`)) as never;
  };
  const proposed = async (uses: number, note: string): Promise<string> => {
    const { id: base, policy } = await inForce();
    const json = { kind: 'policy', note, base, policy: { ...policy, uses, requestHours: 48 } };
    const reply = await stage.world.call('POST', '/v1/changes', { key: stage.world.harbour.privacy.key, json });
    return ((await reply.json()) as { id: string }).id;
  };
  const officer = (look: Look = {}): Promise<Person> =>
    stage.signIn(stage.world.harbour.tenant, stage.world.harbour.privacy, look);

  test.each(LOOKS)('says what it requires, and what a change does, accessibly, %o', async (look) => {
    const { id } = await inForce();
    const change = await proposed(2, 'Two sessions are enough, and requests expire after two days.');
    const person = await officer(look);
    await person.page.goto(`/policy/${id}`);
    await person.page.locator('.policy-words .facts').first().waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
    await person.page.goto(`/policy/${change}`);
    await person.page.locator('.diff').waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
  });

  test('is changed by keyboard alone: proposed with its effects, and approved by an admin with a passkey', async () => {
    const { tenant } = stage.world.harbour;
    const other = await stage.signIn(tenant, await stage.world.person(tenant, ['privacy']));
    await addPasskey(other);
    const { page } = other;
    await page.goto('/policy');
    const propose = page.getByRole('button', { name: 'Propose a change…' });
    await propose.focus();
    await page.keyboard.press('Enter');
    const form = page.getByRole('dialog', { name: 'Propose a policy' });
    const minutes = form.getByRole('textbox', { name: 'Longest access' });
    await minutes.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('20');
    await page.keyboard.press('Enter');
    await form.getByRole('row', { name: 'Longest access 60 minutes 20 minutes Stricter' }).waitFor();
    await form.getByRole('heading', { name: 'Last 30 days, replayed' }).waitFor();
    await form.getByLabel('Reason').focus();
    await page.keyboard.type('Quality calls are short');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    // The list may show the change before its page opens.
    await page.waitForURL(/\/policy\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1);

    const admin = await stage.signIn(tenant, await stage.world.person(tenant, ['admin']));
    await addPasskey(admin);
    await admin.page.goto(`/policy/${id}`);
    await admin.page.getByRole('row', { name: 'Longest access 60 minutes 20 minutes Stricter' }).waitFor();
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).focus();
    await admin.page.keyboard.press('Enter');
    await admin.page.getByText('Already decided').waitFor();
    const { version, policy } = await inForce();
    expect(version).toBe(2);
    expect(policy).toMatchObject({ purposes: { quality: { longestMinutes: 20 } } });
    await admin.page.getByRole('link', { name: /Version 2\s*In force/ }).waitFor();
  });
});
