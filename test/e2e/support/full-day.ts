// Day of a contact centre for the pictures: the demo's day, for a separate tenant.
import { readSampleCalls } from '../../../scripts/demo/calls.ts';
import { type DayIds, type DayLanguage, playDay } from '../../../scripts/demo/day.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createTenant } from '../../../src/vault/tenants/create-tenant.ts';
import type { World } from '../../support/world.ts';

export type Day = {
  readonly tenant: string;
  readonly reviewer: { readonly id: string };
  readonly supervisor: { readonly id: string };
  readonly auditor: { readonly id: string };
  readonly admin: { readonly id: string };
} & DayIds;

const CAST = {
  en: {
    tenant: ['Harbour Bank', 'GB'],
    people: ['Oliver Grant', 'Mei Tan', 'Helen Ong', 'Ava Reid', 'Victor Goh', 'Grace Lim'],
    sample: 'harbour-1-lost-card.wav',
  },
  'zh-CN': {
    tenant: ['云海旅行', 'CN'],
    people: ['林晓岚', '周敏', '何静', '吴志强', '陈国栋', '刘佳'],
    sample: 'yunhai-1-change-flight.wav',
  },
} as const;

const operator = operatorActor('op-1');

/** Creates the day. All of it is invented. */
export async function fullDay(world: World, language: DayLanguage): Promise<Day> {
  const cast = CAST[language];
  const { vault } = world;
  const request = { signal: AbortSignal.timeout(600_000) };
  const [name, country] = cast.tenant;
  const [reviewing, supervising, auditing, admin, second, third] = cast.people;
  const people = { admin, approvers: [supervising], approverAgeHours: 24, apiKeyDecisions: true };
  const made = await createTenant(
    vault,
    operator,
    { name, country, defaultBasis: 'consent', consent: 'any', ...people },
    request,
  );
  const { tenant } = made;
  const add = (who: string, roles: readonly string[], owners: readonly string[] = []) => {
    const kind = owners.length === 0 ? 'person' : 'service';
    return addPrincipal(vault, operator, { tenant, kind, name: who, roles, owners }, request);
  };
  const keyOf = async (id: string) => (await world.keyOf(tenant, id)).secret;
  const supervisor = made.approvers[0] ?? '';
  const reviewer = await add(reviewing, ['reviewer']);
  const keys = {
    uploader: await keyOf(await add('pbx', ['uploader'], [supervisor])),
    supervisor: await keyOf(supervisor),
    reviewers: [
      await keyOf(reviewer),
      await keyOf(await add(second, ['reviewer'])),
      await keyOf(await add(third, ['reviewer'])),
    ],
  } as const;
  const sample = (await readSampleCalls()).find(({ file }) => file === cast.sample);
  if (sample === undefined) throw new Error('there is no such sample');
  const json = async (path: string, reply: Response): Promise<unknown> => {
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  const played = await playDay(
    {
      put: async (key, path, { 'content-type': type, ...headers }, body) =>
        json(path, await world.call('PUT', path, { key, type: type ?? '', headers, body })),
      post: async (key, path, sent) =>
        json(path, await world.call('POST', path, { key, ...(sent === undefined ? {} : { json: sent }) })),
      patch: async (key, path, sent, version) => {
        const headers = version === undefined ? {} : { 'if-match': version };
        return json(path, await world.call('PATCH', path, { key, headers, json: sent }));
      },
      etag: async (key, path) => (await world.call('GET', path, { key })).headers.get('etag') ?? '',
    },
    language,
    keys,
    sample,
  );
  const auditor = { id: await add(auditing, ['auditor']) };
  return {
    ...played,
    tenant,
    reviewer: { id: reviewer },
    supervisor: { id: supervisor },
    auditor,
    admin: { id: made.admin },
  };
}
