// Step that fills the vault with a day of each tenant, so that the console shows every state.
import { type DayClient, playDay } from './day.ts';
import { CHINESE, callOf, ENGLISH } from './deposit-steps.ts';
import { type DemoWorld, expectThat, type Reply, required, send } from './world.ts';

/** Runs both tenants' days. */
export async function fillTheDay(world: DemoWorld): Promise<string> {
  const client: DayClient = {
    put: async (key, path, headers, bytes) => bodyOf(path, await send(world, key, 'PUT', path, { headers, bytes })),
    post: async (key, path, json) =>
      bodyOf(path, await send(world, key, 'POST', path, json === undefined ? {} : { json })),
  };
  for (const [name, language, file] of [
    ['harbour', 'en', ENGLISH],
    ['yunhai', 'zh-CN', CHINESE],
  ] as const) {
    const { keys, colleagues } = required(world.tenants, name);
    const { uploader, supervisor, reviewer } = keys;
    const { audio, words, language: spoken } = callOf(world, file);
    const sample = { audio, words, language: spoken };
    await playDay(client, language, { uploader, supervisor, reviewers: [reviewer, ...colleagues] }, sample);
  }
  return 'twelve more calls a tenant; requests approved, waiting, denied, withdrawn and revoked; one call in quarantine';
}

function bodyOf(path: string, { status, body }: Reply): unknown {
  expectThat(status < 300, `${path}: ${status}`);
  return body;
}
