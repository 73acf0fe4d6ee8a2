// A change of a team in the browser: who joins, leaves, leads or leads no more, and the name before.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { addTeam } from '../support/teams.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

const MARKS = {
  en: {
    members: ['added, will lead', 'leads', 'no longer leads', 'removed', 'will lead'],
    queues: ['added', 'removed'],
    name: 'Before: QA',
  },
  'zh-CN': {
    members: ['不再任负责人', '新任负责人', '新增, 新任负责人', '移除', '负责人'],
    queues: ['新增', '移除'],
    name: '原名称： QA',
  },
} as const;

describe.skipIf(!chromium.present)(`a change of a team in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  test.each(LOOKS)('shows each member’s part before and after, %o', async (look) => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const one = async () => (await world.person(tenant, ['supervisor'])).id;
    const [stays, rises, falls, leaves, joins] = [await one(), await one(), await one(), await one(), await one()];
    const members = [stays, rises, falls, leaves];
    const team = await addTeam(world.vault, tenant, { members, leads: [stays, falls], queues: ['cards', null] });
    const admin = await world.person(tenant, ['admin']);
    const json = {
      ...{ kind: 'team', note: 'Rita leads from January on', team, name: 'Cards' },
      ...{ members: [stays, rises, falls, joins], leads: [stays, rises, joins], queues: ['cards', 'loans'] },
    };
    const reply = await world.call('POST', '/v1/changes', { key: admin.key, json });
    expect(reply.status).toBe(201);
    const { id } = (await reply.json()) as { id: string };
    const person = await stage.signIn(tenant, await world.person(tenant, ['admin']), look);
    await person.page.goto(`/changes/${id}`);
    const card = person.page.getByRole('region', { name: /^(Team|班组)$/ });
    await card.waitFor();
    await untilLoaded(person);
    const wanted = MARKS[look.language ?? 'en'];
    await card.getByText(wanted.name).waitFor();
    const marksOf = async (at: number) => {
      const lines = await card.getByRole('list').nth(at).getByRole('listitem').all();
      const marks = await Promise.all(lines.map((line) => line.locator('.tag').allTextContents()));
      return marks.filter((found) => found.length > 0).map((found) => found.join(', '));
    };
    expect((await marksOf(0)).sort()).toEqual(wanted.members);
    expect((await marksOf(1)).sort()).toEqual(wanted.queues);
    await expectAccessibleAndInside(person);
  });
});
