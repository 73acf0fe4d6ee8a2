// One object of each kind of a tenant, for tests that another tenant's people cannot reach it.

import { createAuthenticator } from '../../../scripts/demo/authenticator.ts';
import type { IdKind } from '../../../src/bytes/ids.ts';
import { systemActor } from '../../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { addBatch } from '../batches.ts';
import { type Browser, signInBrowser } from '../browser.ts';
import { eraseAfter, setRules } from '../retention-rules.ts';
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
  // Before the change: it builds on the tenant's row.
  const ret = await setRules(world, cast.tenant, eraseAfter('P5Y'));
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
      ret,
      hld: await holdOn(world, cast, recording),
      sub: await subjectOf(world, cast),
      evt: await erasingEvent(world, cast, headers),
      bat: await addBatch(world.vault, cast.tenant, cast.supervisor.id),
      ...(comment === null ? {} : { cmt: comment }),
    },
    words: [
      'agent-of-one-tenant',
      '442079460999',
      'words-of-one-tenant',
      'reason-of-one-tenant',
      'note-of-one-tenant',
      'hold-of-one-tenant',
      'asks-of-one-tenant',
    ],
  };
}

async function holdOn(world: World, cast: Cast, recording: string): Promise<string> {
  const json = {
    ...{ reference: 'C-1', title: 'hold-of-one-tenant' },
    ...{ review: new Date(world.vault.clock.now() + 30 * 86_400_000).toISOString(), recordings: [recording] },
  };
  const reply = await world.call('POST', '/v1/holds', { key: cast.privacy.key, json });
  if (reply.status !== 201) throw new Error(`a hold: ${reply.status} ${await reply.text()}`);
  return (await bodyOf(reply))['id'] ?? '';
}

/** A request of a person with a number that no call has: it is about the tenant, and no recording. */
async function subjectOf(world: World, cast: Cast): Promise<string> {
  const json = { kinds: ['access'], person: { numbers: ['+442079460111'], asks: 'asks-of-one-tenant' } };
  const reply = await world.call('POST', '/v1/subject-requests', { key: cast.privacy.key, json });
  if (reply.status !== 201) throw new Error(`a subject request: ${reply.status} ${await reply.text()}`);
  return (await bodyOf(reply))['id'] ?? '';
}

/** The id of the event that began an erasure. */
async function erasingEvent(world: World, cast: Cast, headers: Readonly<Record<string, string>>): Promise<string> {
  const { recording = '' } = await bodyOf(await world.ingest(cast, 'erased', wav(3000), headers));
  const { tenant } = cast;
  const request = { signal: AbortSignal.timeout(60_000) };
  const erased = await eraseRecording(
    world.vault,
    systemActor(world.vault.settings),
    { tenant, recording, reason: 'error' },
    request,
  );
  const [began] = await world.vault.db.read(({ log }) => log.events(tenant, erased.erasure.seq, 1), request);
  return (JSON.parse(Buffer.from(began?.leaf ?? '').toString()) as { id: string }).id;
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
