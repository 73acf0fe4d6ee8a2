// The event feed of people of teams: what it reads of their teams, however many events it catches up with.
import SqliteFile from 'better-sqlite3';
import { afterEach, expect, it } from 'vitest';
import { openStream } from '../support/event-stream.ts';
import { addTeam, limitToTeams } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const REQUESTS = 5;

/** Counts the statements that read rows of one table, until `end`. */
function countReadsOf(table: string) {
  const prototype = Object.getPrototypeOf(new SqliteFile(':memory:').prepare('select 1')) as SqliteFile.Statement;
  const { all, get } = prototype;
  let count = 0;
  const counting = <Args extends unknown[], R>(original: (...args: Args) => R) =>
    function (this: SqliteFile.Statement, ...args: Args): R {
      if (this.source.startsWith(`select * from "${table}"`)) count++;
      return original.apply(this, args);
    };
  Object.assign(prototype, { all: counting(all), get: counting(get) });
  return { count: () => count, end: () => Object.assign(prototype, { all, get }) };
}

let world: World;
let end = (): unknown => undefined;
afterEach(async () => {
  end();
  await world.end();
});

it('reads the teams of a subscriber once for all events that it catches up with', async () => {
  world = await makeWorld();
  const { harbour, vault } = world;
  const recording = await world.deposited(harbour, 'sales', wav(1000), { 'vault-meta-queue': 'Sales' });
  const other = await world.deposited(harbour, 'care', wav(1000), { 'vault-meta-queue': 'Care' });
  for (const id of Array.from({ length: REQUESTS }, () => [recording, other]).flat()) {
    const json = { recording: id, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json });
    expect(asked.status).toBe(201);
  }
  await addTeam(vault, harbour.tenant, { members: [harbour.supervisor.id], queues: ['Sales'] });
  await limitToTeams(vault, harbour.tenant);
  const { url } = await world.listen();
  const reads = countReadsOf('team_member');
  end = reads.end;
  const headers = { authorization: `Bearer ${harbour.supervisor.key}`, 'last-event-id': '0' };
  const stream = await openStream(`${url}/v1/events`, headers);
  await stream.wait(REQUESTS);
  stream.close();
  expect(new Set(stream.accessEvents().map((one) => one['recording']))).toEqual(new Set([recording]));
  expect(stream.accessEvents()).toHaveLength(REQUESTS);
  expect(reads.count()).toBe(1);
});
