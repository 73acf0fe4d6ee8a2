// The commands about teams: a file is proposed to a second person, and the list shows what applies.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { nightShift } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

describe('callvault teams', () => {
  let world: World;
  let admin: SteppingUp;
  let env: Record<string, string> = {};
  let file = '';
  beforeAll(async () => {
    world = await makeWorld();
    const { folder, harbour } = world;
    await world.deposited(harbour, 'call-1', wav(1000));
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    file = join(folder, 'team.json');
    env = nightShift(folder);
  }, 300_000);
  afterAll(() => world?.end());

  const propose = async (team: unknown, ...more: string[]) => {
    await writeFile(file, typeof team === 'string' ? team : JSON.stringify(team));
    return runCallvault(env, 'teams', 'propose', file, '--tenant', world.harbour.tenant, ...more);
  };
  const list = async () => jsonLines(await runCallvault(env, 'teams', 'list', '--tenant', world.harbour.tenant));

  it('propose a team, which the list has once a second person approved', { timeout: 300_000 }, async () => {
    const { tenant, supervisor, reviewer } = world.harbour;
    expect(await list()).toEqual([]);
    const members = [supervisor.id, reviewer.id].sort();
    const wanted = { name: 'QA 1', members, leads: [supervisor.id], queues: [' Sales ', null] };
    const proposed = await propose(wanted, '--reason', 'new floor', '--no-wait');
    const [line] = jsonLines(proposed) as [Record<string, string>];
    expect(line).toEqual({
      ...{ tenant, team: expect.stringMatching(/^tea_/), change: expect.stringMatching(/^chg_/), state: 'open' },
      ...{ confirmed_by: 'admin', url: `${URL_OF_WORLD}/changes/${line['change']}`, expires: expect.any(String) },
    });
    expect(await list()).toEqual([]);
    const approved = await admin.browser.call('POST', `/v1/changes/${line['change']}/approve`);
    expect(approved.status).toBe(200);
    const person = (id: string, lead: boolean) => ({ id, name: expect.any(String), lead });
    expect(await list()).toEqual([
      {
        ...{ id: line['team'], name: 'QA 1', created: expect.any(String), version: 1 },
        members: members.map((id) => person(id, id === supervisor.id)),
        queues: [
          { name: null, leads: 1 },
          { name: 'Sales', leads: 1 },
        ],
      },
    ]);
    const changed = (await eventsOf(world, tenant)).filter(({ action }) => action === 'team.changed');
    expect(changed).toMatchObject([{ object: { id: line['team'], change: line['change'] } }]);
    const alone = await propose({ ...wanted, team: line['team'], queues: ['Care'] }, '--alone');
    expect(jsonLines(alone)).toEqual([{ tenant, team: line['team'] }]);
    expect(await list()).toMatchObject([{ id: line['team'], version: 2, queues: [{ name: 'Care' }] }]);
  });

  it('names the first fault of a file, and changes nothing', { timeout: 300_000 }, async () => {
    const { reviewer, auditor } = world.harbour;
    const team = { name: 'QA 2', members: [reviewer.id], queues: ['Care'] };
    for (const [wrong, problem] of [
      ['{', 'the file is not JSON: it must have name, members and queues'],
      [{ ...team, lead: [] }, 'the team is not valid: / has an unknown member'],
      [{ ...team, members: [auditor.id] }, 'the team is not valid: /members/0 is no active reviewer or supervisor'],
      [{ ...team, leads: [reviewer.id] }, 'the team is not valid: /leads/0 is no supervisor among the members'],
      [{ ...team, queues: ['a\tb'] }, 'the team is not valid: /queues/0 has a control character'],
      [{ ...team, team: 'tea_01h00000000000000000000000' }, 'there is no such team'],
    ] as const)
      expect(await propose(wrong)).toEqual({ code: 1, out: '', err: `callvault: ${problem}\n` });
    expect(await list()).toHaveLength(1);
  });
});
