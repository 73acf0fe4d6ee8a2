// One object of each kind of a tenant, for tests that another tenant's people cannot reach it.

import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import type { IdKind } from '../../../src/bytes/ids.ts';
import { addBatch } from '../batches.ts';
import { type Browser, signInBrowser } from '../browser.ts';
import { addTeam } from '../teams.ts';
import { wav } from '../wav.ts';
import type { Cast, World } from '../world.ts';

/** The id of an object of each kind, and words that occur only in these objects. */
export type TenantFixtures = {
  readonly ids: Partial<Readonly<Record<IdKind, string>>>;
  readonly words: readonly string[];
};

const bodyOf = async (reply: Response): Promise<Record<string, string>> =>
  (await reply.json()) as Record<string, string>;

/** Creates them in the cast's tenant; `more`: headers of the call. */
export async function makeTenantFixtures(
  world: World,
  cast: Cast,
  more: Readonly<Record<string, string>> = {},
): Promise<TenantFixtures> {
  const headers = { ...more, 'vault-meta-agent': 'agent-of-one-tenant', 'vault-meta-from': '%2B442079460999' };
  const { recording = '' } = await bodyOf(await world.ingest(cast, 'belonging', wav(3000), headers));
  const text = { type: 'text/vtt', body: 'WEBVTT\n\n00:00.000 --> 00:00.100\nwords-of-one-tenant\n' };
  await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, { ...text, key: cast.uploader.key });
  const requestInput = { recording, purpose: 'quality', reason: 'reason-of-one-tenant', minutes: 15 };
  const accessRequest = await bodyOf(
    await world.call('POST', '/v1/access-requests', { key: cast.colleague.key, json: requestInput }),
  );
  const grant = await world.grant(cast, recording, { objects: ['audio', 'transcript'] });
  const session = await world.session(cast, grant);
  const comment = await commentIn(world, cast, session);
  const browser = await signInBrowser(world, cast.tenant, cast.reviewer.id);
  const proposal = { kind: 'settings', note: 'note-of-one-tenant', settings: { time_zone: 'Asia/Shanghai' } };
  const change = await bodyOf(await world.call('POST', '/v1/changes', { key: cast.privacy.key, json: proposal }));
  const signal = AbortSignal.timeout(60_000);
  const policy = await world.vault.db.read((rows) => rows.tenants.policy(cast.tenant), { signal });
  return {
    ids: {
      ten: cast.tenant,
      rec: recording,
      req: accessRequest['id'] ?? '',
      grt: grant,
      ses: session,
      key: (await world.keyOf(cast.tenant, cast.reviewer.id)).id,
      usr: cast.reviewer.id,
      chg: change['id'] ?? '',
      pol: policy?.id ?? '',
      tea: await addTeam(world.vault, cast.tenant, { members: [], queues: [] }),
      pky: await passkeyOf(world, browser),
      bat: await addBatch(world.vault, cast.tenant, cast.supervisor.id),
      ...(comment === null ? {} : { cmt: comment }),
    },
    words: ['agent-of-one-tenant', '442079460999', 'words-of-one-tenant', 'reason-of-one-tenant', 'note-of-one-tenant'],
  };
}

async function commentIn(world: World, cast: Cast, session: string): Promise<string | null> {
  const json = { start_ms: 0, end_ms: null, category: 'note', visibility: 'team', text: 'comment-of-one-tenant' };
  const reply = await world.call('POST', `/v1/sessions/${session}/comments`, { key: cast.reviewer.key, json });
  return reply.status === 201 ? ((await bodyOf(reply))['id'] ?? null) : null;
}

async function passkeyOf(world: World, browser: Browser): Promise<string> {
  const reply = await browser.call('POST', '/v1/passkeys/options');
  const { challenge_id, options } = (await reply.json()) as { challenge_id: string; options: object };
  const key = createAuthenticator(world.vault.settings.url ?? '');
  const json = { challenge_id, response: key.make(options), label: 'one' };
  return (await bodyOf(await browser.call('POST', '/v1/passkeys', { json })))['id'] ?? '';
}
