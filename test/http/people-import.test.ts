// An import of sixty people from CSV: what each line would do, one change, and faults by line. On both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Import = {
  lines: { line: number; id: string | null; does: string | null; faults: { member: string; code: string }[] }[];
  people: object[];
};

describe.each(ENGINES)('on $engine, an import of people $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [admin, privacy]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
  }, 300_000);

  const send = async (csv: string, headers: Record<string, string> = {}): Promise<Response> =>
    (await admin?.browser.call('POST', '/v1/people/import/preview', { json: { csv }, headers })) ?? Response.error();
  const preview = async (csv: string): Promise<Import> => {
    const reply = await send(csv);
    expect(reply.status).toBe(200);
    return (await reply.json()) as Import;
  };
  const faults = async (csv: string) =>
    (await preview(csv)).lines.flatMap(({ line, faults: all }) => all.map(({ member, code }) => [line, member, code]));
  const apply = async (people: readonly object[]): Promise<string> => {
    const json = { kind: 'people', note: 'autumn intake', people };
    const proposed = await admin?.browser.call('POST', '/v1/changes', { json });
    expect(proposed?.status).toBe(201);
    const { id } = ((await proposed?.json()) ?? {}) as { id: string };
    expect((await privacy?.browser.call('POST', `/v1/changes/${id}/approve`))?.status).toBe(200);
    return id;
  };

  it.runIf(present)(
    'of sixty is one change, and the same table again changes nothing',
    async () => {
      const { tenant } = world.harbour;
      const rows = Array.from(
        { length: 60 },
        (_, n) => `Agent ${n},${n % 6 === 0 ? 'supervisor' : 'reviewer'},2027-03-31`,
      );
      const before = await world.vault.db.read(async (at) => (await at.principals.all(tenant)).length, WAIT());
      const first = await preview(['name,roles,trained until', ...rows].join('\n'));
      expect(first.lines.every(({ does, faults: none }) => does === 'add' && none.length === 0)).toBe(true);
      expect(first.people).toHaveLength(60);
      const change = await apply(first.people);
      const after = await world.vault.db.read((at) => at.principals.all(tenant), WAIT());
      expect(after.length - before).toBe(60);
      const made = (await eventsOf(world, tenant)).filter(({ object }) => object['change'] === change);
      expect(made.map(({ action }) => action)).toEqual(Array.from({ length: 60 }, () => 'person.added'));

      // As the console exports it: with ids, and two that change.
      const listed = await world.call('GET', '/v1/people?limit=200', { key: world.harbour.auditor.key });
      type Listed = { id: string; kind: string; name: string; roles: string[]; trained_until: string | null };
      const people = ((await listed.json()) as { data: Listed[] }).data.filter(({ kind }) => kind === 'person');
      const exported = people.map(({ id, name, roles, trained_until: until }) => {
        const day = name === 'Agent 1' ? '2027-09-30' : (until ?? '');
        return `${id},${name},"${(name === 'Agent 2' ? ['supervisor'] : roles).join(', ')}",${day}`;
      });
      const second = await preview(['id,name,roles,trained_until', ...exported].join('\n'));
      expect(second.lines.filter(({ does }) => does === 'change')).toHaveLength(2);
      expect(second.lines.filter(({ does }) => does === 'nothing')).toHaveLength(people.length - 2);
      await apply(second.people);
      const [, , third] = [first, second, await preview(['id,name,roles,trained_until', ...exported].join('\n'))];
      expect(third.people).toEqual([]);
      expect(third.lines.every(({ does }) => does === 'nothing')).toBe(true);
    },
    120_000,
  );

  it.runIf(present)('names the faults of each line, and proposes none of them', async () => {
    const { harbour, yunhai } = world;
    const one = await world.named(harbour.tenant, 'Ana');
    const csv = [
      'id,name,roles,trained_until',
      ',Wei,"admin, reviewer",',
      ',Ana,reviewer,',
      ',Mo,boss,31.03.2027',
      ',Mo,reviewer,',
      `${one},Ben,supervisor,`,
      `${yunhai.reviewer.id},,supervisor,`,
      `${one},,auditor,`,
      ',=cmd|x,reviewer,',
    ].join('\n');
    expect(await faults(csv)).toEqual([
      [2, 'roles', 'roles_exclude'],
      [3, 'name', 'name_known'],
      [4, 'trained_until', 'day_invalid'],
      [4, 'roles', 'role_unknown'],
      [5, 'name', 'name_repeated'],
      [6, 'name', 'name_differs'],
      [7, 'id', 'person_unknown'],
      [8, 'id', 'repeated'],
    ]);
    const { people, lines } = await preview(csv);
    expect(people).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ line: 9, does: 'add', name: '=cmd|x' });
  });

  it.runIf(present)('of a table that is not UTF-8 is rejected, in both languages', async () => {
    const csv = new TextDecoder().decode(Buffer.from('d0d5c3fb2cbdc7c9ab0ac0eec4c82c7265766965776572', 'hex'));
    const { detail } = await expectProblem(await send(csv), 400, 'malformed');
    expect(detail).toBe('/csv is not UTF-8: save the table as UTF-8 (in Excel: “CSV UTF-8”) and send it again');
    const chinese = await expectProblem(await send(csv, { 'accept-language': 'zh-CN' }), 400, 'malformed');
    expect(chinese.detail).toContain('/csv 不是 UTF-8 编码');
  });

  it.runIf(present)('of more people than one change can have, or of no table, is rejected', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => `Someone ${n},reviewer`);
    expect((await preview(['name,roles', ...rows(200)].join('\n'))).people).toHaveLength(200);
    await expectProblem(await send(['name,roles', ...rows(201)].join('\n')), 400, 'malformed');
    for (const csv of ['', 'name,roles', 'name,phone\nWei,1', 'name\n"Wei'])
      await expectProblem(await send(csv), 400, 'malformed');
    const reply = await world.call('POST', '/v1/people/import/preview', {
      ...{ key: world.harbour.privacy.key, json: { csv: 'name,roles\nWei,reviewer' } },
    });
    await expectProblem(reply, 403, 'forbidden');
  });
});

function WAIT() {
  return { signal: AbortSignal.timeout(60_000) };
}
