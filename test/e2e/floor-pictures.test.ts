// Pictures of the pages of a floor: My queue, Assignments, Teams, Policy, People and Approvals, in both languages, at a desk and on a phone.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { addTeam } from '../support/teams.ts';
import {
  addReviewer,
  allowAssignments,
  assignCalls,
  depositCalls,
  selectToAssign,
  supervisorWithPasskey,
} from './support/assigning.ts';
import { overflowingParts } from './support/overflow.ts';
import { axeFindings } from './support/page-checks.ts';
import { takePicture } from './support/picture.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const LANGUAGES = [
  ['en', 'EN'],
  ['zh-CN', '中文'],
] as const;
const SIZES = [
  { width: 1366, height: 768 },
  { width: 390, height: 844 },
] as const;

describe.skipIf(!chromium.present)(`pictures of a floor’s pages ${chromium.reason}`, () => {
  const stage = sharedStage();

  const folder = mkdtempSync(join(tmpdir(), 'callvault-floor-'));

  /** Takes the page as it is in both languages and sizes; returns what is cut off or not accessible, by picture. */
  const take = async (person: Person, name: string): Promise<Record<string, readonly string[]>> => {
    const { page } = person;
    const found: Record<string, readonly string[]> = {};
    for (const [language, choice] of LANGUAGES) {
      await page.setViewportSize(SIZES[0]);
      await page.getByRole('button', { name: choice, exact: true }).click();
      await page.locator(`html[lang=${language}]`).waitFor();
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await untilLoaded(person);
        const look = `${name}.${language}.${size.width}`;
        await takePicture(page, join(folder, `${look}.png`));
        const out = [...(await overflowingParts(page)), ...(await axeFindings(page))];
        if (out.length > 0) found[look] = out;
      }
    }
    await page.setViewportSize(SIZES[0]);
    await page.getByRole('button', { name: 'EN', exact: true }).click();
    return found;
  };

  it('show a batch in progress, a queue and a team, and nothing is cut off', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    process.stdout.write(`pictures: ${folder}\n`);
    const found: Record<string, readonly string[]> = {};
    await allowAssignments(world, tenant);
    const [oliver] = [await world.named(tenant, 'Oliver Grant'), await world.named(tenant, '周子墨')];
    const recordings = await depositCalls(world, world.harbour, 'floor', 7);
    const boss = await supervisorWithPasskey(stage, tenant);
    await assignCalls(
      boss,
      recordings.slice(0, 5),
      ['Oliver Grant'],
      'New renewal script: is the cooling-off period explained?',
    );
    const reviewer = await stage.signIn(tenant, { id: oliver });
    await reviewer.page.goto('/my-queue');
    await reviewer.page.getByRole('button', { name: /^Return/ }).click();
    const dialog = reviewer.page.getByRole('dialog', { name: 'Return this call' });
    await dialog.getByLabel('Reason').fill('I know the caller');
    await dialog.getByRole('button', { name: 'Return' }).click();
    await dialog.waitFor({ state: 'detached' });
    Object.assign(found, await take(reviewer, 'my-queue'));
    await selectToAssign(boss, recordings.slice(5));
    await addReviewer(boss, '周子墨');
    Object.assign(found, await take(boss, 'assignments'));
    const lead = await world.named(tenant, 'Mei Tan', ['supervisor']);
    await addTeam(world.vault, tenant, {
      members: [oliver, lead],
      leads: [lead],
      queues: ['Roaming disputes', '信用卡争议'],
    });
    const admin = await stage.signIn(tenant, await world.person(tenant, ['admin']));
    await admin.page.goto('/teams');
    await admin.page.getByRole('table').waitFor();
    Object.assign(found, await take(admin, 'teams'));
    expect(found).toEqual({});
    expect([...boss.complaints, ...reviewer.complaints, ...admin.complaints]).toEqual([]);
  });

  it('show a policy with a change of it, the people, and many requests for one reason', async () => {
    const { world } = stage;
    const { tenant, reviewer, privacy } = world.harbour;
    const found: Record<string, readonly string[]> = {};
    const officer = await stage.signIn(tenant, privacy);
    await officer.page.goto('/policy');
    await officer.page.locator('.policy-words .facts').first().waitFor();
    Object.assign(found, await take(officer, 'policy'));
    const replies = await world.call('GET', '/v1/policies', { key: privacy.key });
    const { data } = (await replies.json()) as { data: { id: string; in_force: boolean }[] };
    const base = data.find(({ in_force }) => in_force)?.id ?? '';
    const { policy } = (await (await world.call('GET', `/v1/policies/${base}`, { key: privacy.key })).json()) as {
      policy: object;
    };
    const note = 'Two sessions are enough, and requests expire after two days.';
    const json = { kind: 'policy', note, base, policy: { ...policy, uses: 2, requestHours: 48 } };
    const proposed = await world.call('POST', '/v1/changes', { key: privacy.key, json });
    await addPasskey(officer);
    await officer.page.goto(`/changes/${((await proposed.json()) as { id: string }).id}`);
    await officer.page.getByRole('button', { name: 'Sign with passkey' }).click();
    await officer.page.getByRole('heading', { name: 'Not signed yet' }).waitFor({ state: 'detached' });
    await officer.page.goto(officer.page.url().replace('/changes/', '/policy/'));
    await officer.page.locator('.diff').waitFor();
    Object.assign(found, await take(officer, 'policy-change'));

    const admin = await stage.signIn(tenant, await world.person(tenant, ['admin']));
    await admin.page.goto('/people');
    await admin.page.getByRole('table').first().waitFor();
    Object.assign(found, await take(admin, 'people'));

    const boss = await supervisorWithPasskey(stage, tenant);
    const reason = 'Regulator’s query about roaming charges: what did agents tell customers?';
    for (const recording of await depositCalls(world, world.harbour, 'bulk', 6)) {
      const asked = { recording, purpose: 'quality', reason, minutes: 20 };
      const reply = await world.call('POST', '/v1/access-requests', { key: reviewer.key, json: asked });
      expect(reply.status).toBe(201);
    }
    await boss.page.goto('/approvals');
    await boss.page.getByRole('button', { name: 'Approve 6 with passkey' }).waitFor();
    Object.assign(found, await take(boss, 'approvals-bulk'));
    expect(found).toEqual({});
    expect([...officer.complaints, ...admin.complaints, ...boss.complaints]).toEqual([]);
  });
});
