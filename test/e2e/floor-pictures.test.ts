// Pictures of the pages of a floor: My queue, Assignments and Teams, in both languages, at a desk and on a phone.
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
import { untilLoaded } from './support/steps.ts';

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

  it('show a batch in progress, a queue and a team, and nothing is cut off', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const folder = mkdtempSync(join(tmpdir(), 'callvault-floor-'));
    process.stdout.write(`pictures: ${folder}\n`);
    const found: Record<string, readonly string[]> = {};
    const take = async (person: Person, name: string): Promise<void> => {
      const { page } = person;
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
    };
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
    await take(reviewer, 'my-queue');
    await selectToAssign(boss, recordings.slice(5));
    await addReviewer(boss, '周子墨');
    await take(boss, 'assignments');
    const lead = await world.named(tenant, 'Mei Tan', ['supervisor']);
    await addTeam(world.vault, tenant, {
      members: [oliver, lead],
      leads: [lead],
      queues: ['Roaming disputes', '信用卡争议'],
    });
    const admin = await stage.signIn(tenant, await world.person(tenant, ['admin']));
    await admin.page.goto('/teams');
    await admin.page.getByRole('table').waitFor();
    await take(admin, 'teams');
    expect(found).toEqual({});
    expect([...boss.complaints, ...reviewer.complaints, ...admin.complaints]).toEqual([]);
  });
});
