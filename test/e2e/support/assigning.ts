// Calls assigned in the console: a policy that allows it, and a supervisor who selects them and signs with a passkey.
import type { Policy } from '../../../src/model/policy.ts';
import { setPolicy } from '../../support/teams.ts';
import { wavOf } from '../../support/vault.ts';
import type { Cast, World } from '../../support/world.ts';
import type { Look, Person, Stage } from './stage.ts';
import { addPasskey } from './steps.ts';

/** Puts a policy in force that allows assignments for quality, with one extension and limits of the day. */
export async function allowAssignments({ vault }: World, tenant: string): Promise<void> {
  await setPolicy(vault, tenant, (policy): Policy => {
    const { quality } = policy.purposes;
    if (quality === undefined) throw new Error('the policy has no rule for quality');
    const rule = { ...quality, assignable: true, extendMinutes: 10 };
    return { ...policy, purposes: { ...policy.purposes, quality: rule }, perDay: { sessions: 40, minutes: 180 } };
  });
}

/** Deposits calls of 30 seconds and more, whose lengths differ, the newest last; returns their ids. `name` is part of their call ids. */
export async function depositCalls(world: World, cast: Cast, name: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const headers = {
      'vault-meta-from': encodeURIComponent(`+4420794602${String(n).padStart(2, '0')}`),
      'vault-meta-agent': encodeURIComponent(['Priya Nair', '陈思远', 'Daniel Wu'][n % 3] ?? ''),
      'vault-meta-queue': encodeURIComponent(['Roaming disputes', '信用卡争议'][n % 2] ?? ''),
      'vault-meta-direction': 'inbound',
      'vault-meta-language': 'en-GB',
    };
    ids.push(await world.deposited(cast, `${name}-${n}`, wavOf(16_000 * (30 + n)), headers));
  }
  return ids;
}

/** A supervisor with a passkey. */
export async function supervisorWithPasskey(stage: Stage, tenant: string, look: Look = {}): Promise<Person> {
  const { id } = await stage.world.person(tenant, ['supervisor']);
  const person = await stage.signIn(tenant, { id }, { ...look, language: 'en', width: 1366, height: 768 });
  await addPasskey(person);
  return person;
}

/** Selects these recordings and opens the form that assigns them. */
export async function selectToAssign({ page }: Person, recordings: readonly string[]): Promise<void> {
  await page.goto('/recordings?span=all');
  for (const id of recordings) {
    const row = page.getByRole('row').filter({ has: page.locator(`a[href^="/recordings/${id}"]`) });
    await row.getByRole('checkbox').check();
  }
  const count = recordings.length;
  await page.getByRole('button', { name: `Assign ${count} call${count === 1 ? '' : 's'}…` }).click();
  await page.getByRole('heading', { name: `Assign ${count} call${count === 1 ? '' : 's'}` }).waitFor();
}

/** Adds a reviewer to the form by the name that it shows. */
export async function addReviewer({ page }: Person, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Add a reviewer' }).click();
  await page.getByRole('option', { name }).click();
  await page.getByRole('button', { name: `Remove ${name}` }).waitFor();
}

/** Assigns these recordings to reviewers by name. */
export async function assignCalls(
  boss: Person,
  recordings: readonly string[],
  names: readonly string[],
  reason: string,
): Promise<void> {
  await selectToAssign(boss, recordings);
  for (const name of names) await addReviewer(boss, name);
  await boss.page.getByLabel('Reason').fill(reason);
  await boss.page.getByRole('button', { name: 'Assign with passkey' }).click();
  await boss.page.getByText(`“${reason}”`).first().waitFor();
}
