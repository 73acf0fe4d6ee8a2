// Step that fills the vault with a day of each tenant, so that the console shows every state.
import { contractOf, type DayClient, playDay } from './day.ts';
import { CHINESE, callOf, ENGLISH } from './deposit-steps.ts';
import {
  type DemoTenant,
  type DemoWorld,
  expectReply,
  expectThat,
  listAt,
  type Reply,
  required,
  send,
  textAt,
} from './world.ts';

/** Runs both tenants' days. */
export async function fillTheDay(world: DemoWorld): Promise<string> {
  const client: DayClient = {
    put: async (key, path, headers, bytes) => bodyOf(path, await send(world, key, 'PUT', path, { headers, bytes })),
    post: async (key, path, json) =>
      bodyOf(path, await send(world, key, 'POST', path, json === undefined ? {} : { json })),
    patch: async (key, path, json, version) =>
      bodyOf(
        path,
        await send(world, key, 'PATCH', path, { json, headers: version === undefined ? {} : { 'if-match': version } }),
      ),
    etag: async (key, path) => (await send(world, key, 'GET', path)).headers.get('etag') ?? '',
  };
  for (const [name, language, file] of [
    ['harbour', 'en', ENGLISH],
    ['yunhai', 'zh-CN', CHINESE],
  ] as const) {
    const tenant = required(world.tenants, name);
    const { keys, colleagues } = tenant;
    const { uploader, supervisor, reviewer } = keys;
    const { audio, words, language: spoken } = callOf(world, file);
    const sample = { audio, words, language: spoken };
    const people = { uploader, supervisor, reviewers: [reviewer, colleagues[0].key, colleagues[1].key] } as const;
    const { call } = await playDay(client, language, people, sample);
    await checkLaterFacts(world, tenant, call, contractOf(language));
  }
  return 'twelve more calls a tenant; requests approved, waiting, denied, withdrawn and revoked; one call in quarantine; a pause, a second leg and a corrected agent that came later';
}

/** Checks that a reviewer sees what the screen text describes: two legs, a correction, and the call by its contract. */
async function checkLaterFacts(
  world: DemoWorld,
  { keys, name }: DemoTenant,
  call: string,
  contract: string,
): Promise<void> {
  const read = async (path: string): Promise<readonly unknown[]> => {
    const reply = await send(world, keys.reviewer, 'GET', `/v1/recordings/${call}/${path}`);
    expectReply(reply, path, 200);
    return listAt(reply.body, 'data');
  };
  const legs = await read('interaction');
  expectThat(legs.length === 2, `the contact of ${name} has ${legs.length} legs instead of 2`);
  const [correction] = await read('changes');
  expectThat(textAt(correction, 'reason') !== '', 'the correction has no reason');
  const json = { fields: { contract } };
  const found = await send(world, keys.reviewer, 'POST', '/v1/recordings/search', { json });
  expectReply(found, `search for ${contract}`, 200);
  const ids = listAt(found.body, 'data').map((one) => textAt(one, 'id'));
  expectThat(
    ids.length === 1 && ids[0] === call,
    `${contract} finds ${ids.length} calls, not the one with the contract`,
  );
}

function bodyOf(path: string, { status, body }: Reply): unknown {
  expectThat(status < 300, `${path}: ${status}`);
  return body;
}
