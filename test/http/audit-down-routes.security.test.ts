// No event, no effect, for every operation of the API document, on both engines: while the log cannot grow, each
// operation returns 503 and leaves the database unchanged, byte for byte. Operations that write no event work, and afterwards
// each writes only events that the document names for it.
// Long because every operation has its call.

import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { continueAnswers } from '../../src/vault/changes/continue-answers.ts';
import { addBatch, assigned, makeAssignable, signedBatch } from '../support/batches.ts';
import {
  type Browser,
  browserOf,
  createSignInLink,
  furtherBody,
  openFurther,
  signInBrowser,
} from '../support/browser.ts';
import { eventsOf, signatureOf, signChange, withPasskey } from '../support/changes.ts';
import { beginErasing, endErasures } from '../support/erased-calls.ts';
import { filesUnder } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { applyToAll, eraseAfter, setRules } from '../support/retention-rules.ts';
import { ingestKeyOf, sealCall } from '../support/sealed-files.ts';
import { sealTenant } from '../support/sealed-tenant.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { allRows } from '../support/sqlite-database.ts';
import { addTeam } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type RequestOptions, URL_OF_WORLD, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

/** One call of an operation: path, caller, body. */
type Call = readonly [path: string, who: KeyHolder | Browser, sent?: RequestOptions];

/** Calls of operations without an event: they describe the caller, return a public key, or create a challenge that is useless without an answer. */
async function withoutEvent(world: World): Promise<Readonly<Record<string, readonly Call[]>>> {
  const { tenant, uploader } = world.harbour;
  await ingestKeyOf(world, world.harbour);
  const { browser } = await withPasskey(world, tenant, (await world.person(tenant, ['reviewer'])).id);
  const opened = await browser.call('POST', '/v1/passkeys/options');
  const { challenge_id, options } = (await opened.json()) as { challenge_id: string; options: object };
  const further = { challenge_id, response: createAuthenticator(URL_OF_WORLD).make(options) };
  return {
    'GET /v1/me': [['/v1/me', browser]],
    'GET /v1/sign-ins': [['/v1/sign-ins', browser]],
    'GET /v1/ingest-key': [['/v1/ingest-key', uploader]],
    'POST /v1/passkeys/proof/options': [['/v1/passkeys/proof/options', browser, { json: further }]],
    'POST /v1/passkeys/options': [['/v1/passkeys/options', browser]],
    'POST /v1/step-up/options': [['/v1/step-up/options', browser]],
    'POST /v1/sign-in/passkey/options': [['/v1/sign-in/passkey/options', browserOf(world)]],
  };
}

const callBy = (
  world: World,
  who: KeyHolder | Browser,
  method: string,
  path: string,
  sent: RequestOptions,
): Promise<Response> =>
  'cookies' in who ? who.call(method, path, sent) : world.call(method, path, { ...sent, key: who.key });

/** A world, its rows as text, and functions that block and unblock its log. */
type Stage = {
  readonly world: World;
  readonly dump: () => Promise<string>;
  readonly jam: () => Promise<void>;
  readonly free: () => Promise<void>;
};

async function onSqlite(): Promise<Stage> {
  const world = await makeWorld({ signed: true });
  const body = "select raise(abort, 'jam')";
  return {
    world,
    dump: async () => JSON.stringify(allRows(join(world.folder, 'vault.db'))),
    jam: async () => void world.sql.exec(`create trigger jam before insert on audit_event begin ${body}; end`),
    free: async () => void world.sql.exec('drop trigger jam'),
  };
}

async function onPostgres(): Promise<Stage> {
  const postgres = await freshDatabase(await serverOf('postgresql'));
  const world = await makeWorld({ postgres, signed: true });
  const run = (statement: string) =>
    withOtherConnection(postgres, async (client) => void (await client.query(statement)));
  await run("create function jam() returns trigger language plpgsql as $$ begin raise exception 'jam'; end $$");
  return {
    world,
    dump: () =>
      withOtherConnection(postgres, async (client) => {
        const named = await client.query<{ name: string }>(
          "select tablename as name from pg_tables where schemaname = 'public' order by 1",
        );
        const lines: string[] = [];
        for (const { name } of named.rows) {
          const { rows } = await client.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`);
          lines.push(`-- ${name}`, ...rows.map(({ row }) => row));
        }
        return lines.join('\n');
      }),
    jam: () => run('create trigger jam before insert on audit_event execute function jam()'),
    free: () => run('drop trigger jam on audit_event'),
  };
}

const postgresql = needs('postgresql');
const left: World[] = [];
afterEach(async () => {
  for (const world of left.splice(0)) await world.end();
});

const SAID_OF_HOLD = { reference: 'HB-1', title: 'Fenwick', review: '2027-06-30T00:00:00.000Z' };

/** A subject request whose decision two people took, and that is carried out: its answer can be sent. */
async function answeredByTwo(world: World, path: string, more: object = {}): Promise<string> {
  const { tenant } = world.harbour;
  const proposer = await withPasskey(world, tenant, (await world.person(tenant, ['privacy'])).id);
  const approver = await withPasskey(world, tenant, (await world.person(tenant, ['privacy'])).id);
  const decided = await proposer.browser.call('POST', `${path}/decision`, { json: { note: 'as asked', ...more } });
  const { change } = (await decided.json()) as { change: { id: string } };
  await signChange(proposer.browser, proposer.key, change.id);
  const approved = await approver.browser.call('POST', `/v1/changes/${change.id}/approve`);
  if (approved.status !== 200) throw new Error(`an answer: ${approved.status} ${await approved.text()}`);
  await continueAnswers(world.vault, { signal: AbortSignal.timeout(60_000) });
  return path;
}

/** A subject request about the one call of its number, decided as it suggests. */
async function ofOneCall(world: World, kind: 'erase' | 'access', number: string, decision?: object): Promise<string> {
  const { harbour } = world;
  await world.ingest(harbour, `to-${kind}`, wav(1000), { 'vault-meta-from': encodeURIComponent(number) });
  const send = async (path: string, json: object) =>
    (await (await world.call('POST', path, { key: harbour.privacy.key, json })).json()) as { id: string };
  const { id } = await send('/v1/subject-requests', { kinds: [kind], person: { numbers: [number], copies: true } });
  const path = `/v1/subject-requests/${id}`;
  await send(`${path}/identity`, { how: 'a passport' });
  await send(`${path}/search`, {});
  return answeredByTwo(world, path, decision);
}

/** Calls of every operation, in an order in which all succeed. */
async function callsOf(world: World): Promise<Readonly<Record<string, readonly Call[]>>> {
  const { harbour } = world;
  const { uploader, supervisor, reviewer, auditor, admin } = harbour;
  const made = async (reply: Promise<Response>) => (await (await reply).json()) as { recording: string; id: string };
  const audio = (size: number): RequestOptions => ({ type: 'audio/wav', body: wav(size) });
  const text: RequestOptions = { type: 'text/vtt', body: 'WEBVTT\n' };
  // First: its passes move the clock.
  const erased = await made(world.ingest(harbour, 'erased', wav(1000)));
  const erasing = await beginErasing(world, harbour.tenant, erased.recording);
  const certified = await ofOneCall(world, 'erase', '+441234567777');
  await endErasures(world);
  const { recording } = await made(world.ingest(harbour, 'call', wav(1000)));
  const corrected = (await made(world.ingest(harbour, 'corrected', wav(1000)))).recording;
  const narrowed = (await made(world.ingest(harbour, 'narrowed', wav(1000)))).recording;
  const { privacy } = harbour;
  const seen = await world.call('GET', `/v1/recordings/${corrected}`, { key: supervisor.key });
  const ifMatch = { 'if-match': seen.headers.get('etag') ?? '' };
  const correction = { json: { reason: 'typo', agent: 'a' }, headers: ifMatch };
  const team = await addTeam(world.vault, harbour.tenant, { members: [reviewer.id], queues: [] });
  const at = `/v1/recordings/${recording}/transcripts/en`;
  expect((await world.call('PUT', at, { ...text, key: uploader.key })).status).toBe(201);
  const described = { source: 'pbx', call_id: 'described' };
  const empty = (await made(world.call('POST', '/v1/recordings', { key: uploader.key, json: described }))).recording;
  const grant = await world.grant(harbour, recording, { objects: ['audio', 'transcript'] });
  const session = `/v1/sessions/${await world.session(harbour, grant)}`;
  const comment = { start_ms: 0, category: 'note', visibility: 'team', text: 'a word' };
  const { id: written } = await made(world.call('POST', `${session}/comments`, { key: reviewer.key, json: comment }));
  const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
  const asked = async () =>
    `/v1/access-requests/${(await made(world.call('POST', '/v1/access-requests', { key: reviewer.key, json: wish }))).id}`;
  const [toApprove, toDeny, toCancel] = [await asked(), await asked(), await asked()];
  const [toOpen, toDecide] = [await asked(), await asked()].map((path) => path.slice('/v1/access-requests/'.length));
  const decisionOn = (request?: string) => ({ json: { decisions: [{ request, decision: 'approve' }] } });
  const decider = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['supervisor'])).id);
  // A person without reads so far: later reads in the same minutes only increase a count.
  const fresh = await world.person(harbour.tenant, ['supervisor']);
  const [away, watcher, planner] = [
    await world.person(harbour.tenant, ['reviewer']),
    await signInBrowser(world, 'deployment', await world.operator('ops-1')),
    await signInBrowser(world, 'deployment', await world.operator('ops-2')),
  ];
  await signInBrowser(world, harbour.tenant, away.id);
  const leaving = await world.person(harbour.tenant, ['reviewer']);
  const both = await world.person(harbour.tenant, ['reviewer', 'supervisor']);
  const hearer = await world.person(harbour.tenant, ['reviewer']);
  await makeAssignable(world, harbour.tenant);
  const due = new Date(world.vault.clock.now() + 86_400_000).toISOString();
  const maker = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['supervisor'])).id);
  const asker = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['supervisor'])).id);
  const leads = [maker.id, asker.id];
  await addTeam(world.vault, harbour.tenant, { members: leads, leads, queues: [null] });
  const callFor = async (name: string) => {
    const { recording: one } = await made(world.ingest(harbour, name, wav(1000)));
    await sealTenant(world, harbour.tenant);
    return { grants: [{ recording: one, reviewer: hearer.id }], due };
  };
  const own: string[] = [];
  for (const name of ['finished', 'given back']) {
    const { outcomes } = await assigned(maker, await callFor(name.replace(' ', '-')));
    own.push(outcomes[0]?.grant ?? '');
  }
  await world.call('POST', `/v1/grants/${own[0]}/sessions`, { key: hearer.key });
  // The last that this passkey signs: its counter only rises.
  const ready = await signedBatch(maker, await callFor('assigned'));
  const { id: hold } = await made(
    world.call('POST', '/v1/holds', { key: harbour.privacy.key, json: { ...SAID_OF_HOLD, recordings: [recording] } }),
  );
  const letter = { kinds: ['access'], person: { numbers: ['+441234567899'] } };
  const request = async (...steps: readonly string[]): Promise<string> => {
    const { id } = await made(world.call('POST', '/v1/subject-requests', { key: harbour.privacy.key, json: letter }));
    const path = `/v1/subject-requests/${id}`;
    for (const step of steps)
      await world.call('POST', `${path}/${step}`, {
        key: harbour.privacy.key,
        json: step === 'identity' ? { how: 'a passport' } : {},
      });
    return path;
  };
  const answering = await answeredByTwo(world, await request('identity', 'search'));
  const holdReaders = await Promise.all([1, 2, 3, 4, 5].map(() => world.person(harbour.tenant, ['privacy'])));
  const copier = holdReaders[4] ?? fresh;
  const copying = await ofOneCall(world, 'access', '+441234567778', { copies: { officer: copier.id } });
  const countReaders = await Promise.all([1, 2].map(() => world.person(harbour.tenant, ['privacy'])));
  const lookers = await Promise.all([1, 2, 3, 4].map(() => world.person(harbour.tenant, ['supervisor'])));
  const batch = await addBatch(world.vault, harbour.tenant, lookers[3]?.id ?? '');
  const checked = { json: { purpose: 'quality', ...(await callFor('checked')) } };
  const to = { tenant: harbour.tenant, key: await ingestKeyOf(world, harbour) };
  const sealed = await sealCall(to, wav(1000), { source: 'pbx', call_id: 'sealed' });
  return {
    'PUT /v1/ingest/{source}/{callId}': [
      ['/v1/ingest/pbx/new', uploader, audio(1000)],
      ['/v1/ingest/pbx/big', uploader, audio(9_000_000)],
    ],
    'PATCH /v1/ingest/{source}/{callId}': [
      ['/v1/ingest/pbx/call', uploader, { json: { wrap_up: 'refund' } }],
      ['/v1/ingest/pbx/listed', uploader, { json: { agent: 'a' } }],
    ],
    'PUT /v1/sealed-files/{id}': [[`/v1/sealed-files/${sealed.id}`, uploader, { body: sealed.file }]],
    'GET /v1/ingest/{source}/{callId}': [['/v1/ingest/pbx/call', uploader]],
    'POST /v1/call-lists': [
      ['/v1/call-lists?source=pbx', uploader, { type: 'text/csv', body: Buffer.from('call_id\non-a-list\n') }],
    ],
    'GET /v1/completeness': [['/v1/completeness?from=2026-11-01&to=2026-11-02', countReaders[0] ?? fresh]],
    'GET /v1/completeness/calls': [
      ['/v1/completeness/calls?from=2026-11-01&to=2026-11-02&source=pbx&what=missing', countReaders[1] ?? fresh],
    ],
    'POST /v1/recordings': [['/v1/recordings', uploader, { json: { source: 'pbx', call_id: 'other' } }]],
    'PUT /v1/recordings/{id}/audio': [[`/v1/recordings/${empty}/audio`, uploader, audio(1000)]],
    'PUT /v1/recordings/{id}/transcripts/{language}': [[`/v1/recordings/${empty}/transcripts/en`, uploader, text]],
    'GET /v1/recordings': [['/v1/recordings', fresh]],
    'POST /v1/recordings/search': [['/v1/recordings/search', fresh, { json: { agent: 'a' } }]],
    'POST /v1/recordings/names': [['/v1/recordings/names', fresh, { json: { field: 'agent', prefix: 'a' } }]],
    'GET /v1/recordings/{id}': [[`/v1/recordings/${recording}`, fresh]],
    'PATCH /v1/recordings/{id}': [[`/v1/recordings/${corrected}`, supervisor, correction]],
    'POST /v1/recordings/{id}/restrict': [
      [`/v1/recordings/${narrowed}/restrict`, privacy, { json: { ground: 'claims', reason: 'a letter' } }],
    ],
    'GET /v1/erasures': [['/v1/erasures', await world.person(harbour.tenant, ['privacy'])]],
    'GET /v1/erasures/{event}/certificate': [
      [`/v1/erasures/${erasing}/certificate`, await world.person(harbour.tenant, ['privacy'])],
    ],
    'POST /v1/notices': [['/v1/notices', privacy, { json: { language: 'en', text: 'recorded' } }]],
    'GET /v1/notices': [['/v1/notices', await world.person(harbour.tenant, ['privacy'])]],
    'POST /v1/withdrawals': [['/v1/withdrawals', privacy, { json: { number: '+441234000000', reason: 'a letter' } }]],
    'GET /v1/withdrawals': [['/v1/withdrawals', await world.person(harbour.tenant, ['privacy'])]],
    'GET /v1/recordings/{id}/changes': [[`/v1/recordings/${recording}/changes`, fresh]],
    'GET /v1/recordings/{id}/interaction': [
      [`/v1/recordings/${recording}/interaction`, await world.person(harbour.tenant, ['supervisor'])],
    ],
    'GET /v1/recordings/{id}/access': [[`/v1/recordings/${recording}/access?purpose=quality`, fresh]],
    'POST /v1/access-requests': [['/v1/access-requests', reviewer, { json: wish }]],
    'POST /v1/access-requests/bulk': [
      ['/v1/access-requests/bulk', reviewer, { json: { ...wish, recording: undefined, recordings: [recording] } }],
    ],
    'GET /v1/access-requests': [['/v1/access-requests', fresh]],
    'GET /v1/grants': [['/v1/grants', fresh]],
    'GET /v1/policy': [['/v1/policy', fresh]],
    'GET /v1/events': [['/v1/events', fresh]],
    'GET /v1/access-requests/{id}': [[toApprove, fresh]],
    'POST /v1/access-requests/{id}/approve': [[`${toApprove}/approve`, supervisor]],
    'POST /v1/access-requests/{id}/deny': [[`${toDeny}/deny`, supervisor, { json: { reason: 'no need' } }]],
    'POST /v1/access-requests/decide': [['/v1/access-requests/decide', supervisor, decisionOn(toDecide)]],
    'POST /v1/access-requests/decide/options': [
      ['/v1/access-requests/decide/options', decider.browser, decisionOn(toOpen)],
    ],
    'POST /v1/access-requests/{id}/cancel': [[`${toCancel}/cancel`, reviewer]],
    'GET /v1/grants/{id}': [[`/v1/grants/${grant}`, fresh]],
    'POST /v1/grants/{id}/sessions': [[`/v1/grants/${grant}/sessions`, reviewer]],
    'GET /v1/sessions/{id}/media': [
      [`${session}/media`, reviewer],
      [`${session}/media`, reviewer, { headers: { range: 'bytes=0-9' } }],
    ],
    'GET /v1/sessions/{id}/transcripts/{language}': [[`${session}/transcripts/en`, reviewer]],
    'GET /v1/sessions/{id}': [[session, reviewer]],
    'GET /v1/sessions/{id}/peaks': [[`${session}/peaks`, reviewer]],
    'GET /v1/sessions/{id}/comments': [[`${session}/comments`, reviewer]],
    'PUT /v1/sessions/{id}/comments/{comment}': [[`${session}/comments/${written}`, reviewer, { json: comment }]],
    'DELETE /v1/sessions/{id}/comments/{comment}': [[`${session}/comments/${written}`, reviewer]],
    'POST /v1/sessions/{id}/comments': [[`${session}/comments`, reviewer, { json: comment }]],
    'GET /v1/recordings/{id}/activity': [[`/v1/recordings/${recording}/activity`, fresh]],
    'GET /v1/recordings/{id}/lifetime': [[`/v1/recordings/${recording}/lifetime`, lookers[3] ?? fresh]],
    'DELETE /v1/sessions/{id}': [[session, reviewer]],
    'POST /v1/grants/{id}/extend': [[`/v1/grants/${grant}/extend`, reviewer]],
    'POST /v1/grants/{id}/revoke': [[`/v1/grants/${grant}/revoke`, supervisor]],
    'POST /v1/grants/revoke': [['/v1/grants/revoke', supervisor, { json: { recording } }]],
    'POST /v1/holds': [['/v1/holds', harbour.privacy, { json: { ...SAID_OF_HOLD, recordings: [corrected] } }]],
    'POST /v1/holds/{id}/recordings': [
      [`/v1/holds/${hold}/recordings`, harbour.privacy, { json: { recordings: [corrected] } }],
    ],
    'POST /v1/subject-requests': [['/v1/subject-requests', harbour.privacy, { json: letter }]],
    'POST /v1/subject-requests/{id}/identity': [
      [`${await request()}/identity`, harbour.privacy, { json: { how: 'a passport' } }],
    ],
    'POST /v1/subject-requests/{id}/search': [[`${await request('identity')}/search`, harbour.privacy, { json: {} }]],
    'POST /v1/subject-requests/{id}/extend': [
      [`${await request()}/extend`, harbour.privacy, { json: { reason: 'many calls' } }],
    ],
    'POST /v1/subject-requests/{id}/decision': [
      [`${await request('identity', 'search')}/decision`, harbour.privacy, { json: { note: 'nothing found' } }],
    ],
    'POST /v1/subject-requests/{id}/answer': [[`${answering}/answer`, harbour.privacy, { json: {} }]],
    'GET /v1/subject-requests': [['/v1/subject-requests', holdReaders[0] ?? fresh]],
    'GET /v1/subject-requests/{id}': [[answering, holdReaders[1] ?? fresh]],
    'GET /v1/subject-requests/{id}/recordings': [[`${answering}/recordings`, holdReaders[2] ?? fresh]],
    'GET /v1/subject-requests/{id}/certificate': [[`${certified}/certificate`, holdReaders[0] ?? fresh]],
    'GET /v1/subject-requests/{id}/answer': [[`${answering}/answer`, holdReaders[3] ?? fresh]],
    'GET /v1/subject-requests/{id}/package': [[`${copying}/package`, copier]],
    'GET /v1/holds': [['/v1/holds', holdReaders[0] ?? fresh]],
    'GET /v1/holds/{id}': [[`/v1/holds/${hold}`, holdReaders[1] ?? fresh]],
    'GET /v1/holds/{id}/recordings': [[`/v1/holds/${hold}/recordings`, holdReaders[2] ?? fresh]],
    'GET /v1/batches/reviewers': [['/v1/batches/reviewers', lookers[0] ?? fresh]],
    'POST /v1/batches/check': [['/v1/batches/check', lookers[1] ?? fresh, checked]],
    'POST /v1/batches/options': [['/v1/batches/options', asker.browser, checked]],
    'POST /v1/batches': [['/v1/batches', maker.browser, { json: ready }]],
    'GET /v1/batches': [['/v1/batches', lookers[2] ?? fresh]],
    'GET /v1/batches/{id}': [[`/v1/batches/${batch}`, lookers[3] ?? fresh]],
    'POST /v1/batches/{id}/withdraw': [[`/v1/batches/${batch}/withdraw`, lookers[3] ?? fresh]],
    'GET /v1/my-queue': [['/v1/my-queue', hearer]],
    'POST /v1/grants/{id}/done': [[`/v1/grants/${own[0]}/done`, hearer]],
    'POST /v1/grants/{id}/return': [[`/v1/grants/${own[1]}/return`, hearer, { json: { reason: 'no time' } }]],
    'GET /v1/audit/events': [['/v1/audit/events', auditor]],
    'GET /v1/audit/proof': [['/v1/audit/proof?index=0', await world.person(harbour.tenant, ['auditor'])]],
    'GET /v1/audit/log/checkpoint': [['/v1/audit/log/checkpoint', await world.person(harbour.tenant, ['auditor'])]],
    'GET /v1/audit/log/tile/{path}': [
      ['/v1/audit/log/tile/entries/000.p/1', await world.person(harbour.tenant, ['auditor'])],
    ],
    'GET /v1/audit/checkpoints': [['/v1/audit/checkpoints', await world.person(harbour.tenant, ['auditor'])]],
    'GET /v1/audit/anchor': [['/v1/audit/anchor', await world.person(harbour.tenant, ['auditor'])]],
    'GET /v1/activity': [['/v1/activity', await world.person(harbour.tenant, ['auditor'])]],
    'GET /v1/people': [['/v1/people', fresh]],
    'GET /v1/teams': [['/v1/teams', await world.person(harbour.tenant, ['admin'])]],
    'GET /v1/teams/queues': [['/v1/teams/queues', await world.person(harbour.tenant, ['privacy'])]],
    'GET /v1/teams/{id}': [[`/v1/teams/${team}`, await world.person(harbour.tenant, ['privacy'])]],
    'POST /v1/teams/{id}/remove-member': [
      [`/v1/teams/${team}/remove-member`, admin, { json: { person: reviewer.id } }],
    ],
    'GET /v1/api-keys': [['/v1/api-keys', admin]],
    'POST /v1/api-keys/{id}/revoke': [
      [`/v1/api-keys/${(await world.keyOf(harbour.tenant, reviewer.id)).id}/revoke`, admin],
    ],
    'GET /v1/keys': [['/v1/keys', watcher]],
    'GET /v1/keys/{tenant}/plan': [[`/v1/keys/${harbour.tenant}/plan`, planner]],
    'POST /v1/people/{id}/sign-out': [[`/v1/people/${away.id}/sign-out`, admin]],
    'POST /v1/people/{id}/deactivate': [[`/v1/people/${leaving.id}/deactivate`, admin]],
    'POST /v1/people/{id}/remove-roles': [
      [`/v1/people/${both.id}/remove-roles`, admin, { json: { roles: ['supervisor'] } }],
    ],
    ...(await changes(world)),
    ...(await signingIn(world)),
  };
}

/** The same for changes by two people. */
async function changes(world: World): Promise<Readonly<Record<string, readonly Call[]>>> {
  const { tenant } = world.harbour;
  const privacy = await withPasskey(world, tenant, world.harbour.privacy.id);
  const { browser: admin, key } = await withPasskey(world, tenant, (await world.person(tenant, ['admin'])).id);
  const wish = { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } };
  const proposed = async () => {
    const reply = await privacy.browser.call('POST', '/v1/changes', { json: wish });
    return `/v1/changes/${((await reply.json()) as { id: string }).id}`;
  };
  const rules = await setRules(world, tenant, eraseAfter('P30D'));
  await applyToAll(world);
  const [first, second, third] = [await proposed(), await proposed(), await proposed()];
  const byKey = await world.call('POST', '/v1/changes', { key: world.harbour.privacy.key, json: wish });
  const unsigned = `/v1/changes/${((await byKey.json()) as { id: string }).id}`;
  const reader = async () => world.person(tenant, ['auditor']);
  const signer = await withPasskey(world, tenant, (await reader()).id);
  const policy = await world.vault.db.read((rows) => rows.tenants.policy(tenant), {
    signal: AbortSignal.timeout(60_000),
  });
  if (policy === null) throw new Error('the tenant has a policy');
  const wanted = { ...(JSON.parse(policy.body) as object), uses: 2 };
  return {
    'GET /v1/changes': [['/v1/changes', await reader()]],
    'GET /v1/changes/{id}': [[first, await reader()]],
    'GET /v1/settings': [['/v1/settings', await reader()]],
    'GET /v1/policies': [['/v1/policies', await reader()]],
    'GET /v1/policies/{id}': [[`/v1/policies/${policy.id}`, await reader()]],
    'GET /v1/policy/schema': [['/v1/policy/schema', await reader()]],
    'POST /v1/people/import/preview': [
      [
        '/v1/people/import/preview',
        await world.person(tenant, ['admin']),
        { json: { csv: 'name,roles\nWei,reviewer' } },
      ],
    ],
    'POST /v1/policies/preview': [
      ['/v1/policies/preview', await world.person(tenant, ['privacy']), { json: { base: policy.id, policy: wanted } }],
    ],
    'GET /v1/retention': [['/v1/retention', await reader()]],
    'GET /v1/retention/{id}': [[`/v1/retention/${rules}`, await reader()]],
    'GET /v1/retention/schema': [['/v1/retention/schema', await reader()]],
    'GET /v1/retention/packs': [['/v1/retention/packs', await reader()]],
    'POST /v1/retention/preview': [
      ['/v1/retention/preview', await reader(), { json: { base: rules, rules: eraseAfter('P60D') } }],
    ],
    'GET /v1/expiry': [['/v1/expiry', await reader()]],
    'POST /v1/expiry/pause': [['/v1/expiry/pause', await world.person(tenant, ['privacy'])]],
    'POST /v1/changes': [['/v1/changes', world.harbour.privacy, { json: wish }]],
    // Counted: another person's reads have an open window.
    'POST /v1/changes/{id}/options': [[`${first}/options`, signer.browser]],
    'POST /v1/changes/{id}/sign': [
      [
        `${unsigned}/sign`,
        privacy.browser,
        { json: await signatureOf(privacy.browser, privacy.key, `${unsigned}/sign`) },
      ],
    ],
    'POST /v1/changes/{id}/refuse': [[`${second}/refuse`, admin, { json: { reason: 'not agreed' } }]],
    'POST /v1/changes/{id}/withdraw': [[`${third}/withdraw`, privacy.browser]],
    'POST /v1/changes/{id}/approve': [
      [`${first}/approve`, admin, { json: await signatureOf(admin, key, `${first}/approve`) }],
    ],
  };
}

/** The same for signing in; operations that end a session come last. */
async function signingIn(world: World): Promise<Readonly<Record<string, readonly Call[]>>> {
  const { tenant } = world.harbour;
  const [one, two] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['reviewer'])];
  const browser = await signInBrowser(world, tenant, one.id);
  const secret = await createSignInLink(world, tenant, two.id);
  const fresh = browserOf(world);
  const ask = async (path: string, from = browser) =>
    (await (await from.call('POST', `${path}/options`)).json()) as { challenge_id: string; options: object };
  const known = createAuthenticator(URL_OF_WORLD);
  const first = await ask('/v1/passkeys');
  const own = { challenge_id: first.challenge_id, response: known.make(first.options), label: 'known' };
  const { id } = (await (await browser.call('POST', '/v1/passkeys', { json: own })).json()) as { id: string };
  const [further, stepUp] = [await openFurther(browser), await ask('/v1/step-up')];
  const signIn = await ask('/v1/sign-in/passkey', fresh);
  const answer = ({ challenge_id, options }: typeof first) => ({ challenge_id, response: known.prove(options) });
  const more = furtherBody(further, known);
  return {
    'POST /v1/sign-in/link': [['/v1/sign-in/link', browserOf(world), { json: { secret } }]],
    'POST /v1/passkeys': [['/v1/passkeys', browser, { json: more }]],
    'POST /v1/step-up': [['/v1/step-up', browser, { json: answer(stepUp) }]],
    'POST /v1/sign-in/passkey': [['/v1/sign-in/passkey', fresh, { json: answer(signIn) }]],
    'DELETE /v1/passkeys/{id}': [[`/v1/passkeys/${id}`, browser]],
    'DELETE /v1/sign-in': [['/v1/sign-in', await signInBrowser(world, tenant, world.harbour.colleague.id)]],
    'DELETE /v1/sign-ins': [['/v1/sign-ins', browser]],
  };
}

/** The operations of the document, and the events that each declares. */
async function declaredOf(world: World): Promise<Map<string, readonly string[]>> {
  type Methods = Record<string, { readonly 'x-audit'?: readonly string[] }>;
  const { paths } = (await (await world.call('GET', '/openapi.json')).json()) as { paths: Record<string, Methods> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one['x-audit'] ?? []] as const),
  );
  return new Map(all.filter(([operation]) => operation.includes(' /v1/')));
}

/** How many events each log of the world has. */
async function sizesOf({ vault, harbour }: World): Promise<Map<string, number>> {
  const read = (log: string) => vault.db.read((rows) => rows.log.size(log), { signal: AbortSignal.timeout(60_000) });
  const logs = [harbour.tenant, 'deployment'];
  return new Map(await Promise.all(logs.map(async (log) => [log, await read(log)] as const)));
}

/** The actions of the events since the logs had these sizes. */
async function writtenSince(world: World, sizes: ReadonlyMap<string, number>): Promise<string[]> {
  const events = await Promise.all([...sizes].map(([log, size]) => eventsOf(world, log, size)));
  return [...new Set(events.flat().map(({ action }) => action))];
}

describe.each([
  { engine: 'SQLite', open: onSqlite, present: true, reason: '' },
  { engine: 'PostgreSQL', open: onPostgres, ...postgresql },
])('a log that cannot grow, on $engine $reason', ({ open, present }) => {
  it.skipIf(!present)('returns 503 without a trace for every operation, and all work afterwards', async () => {
    const { world, dump, jam, free } = await open();
    left.push(world);
    const calls = await callsOf(world);
    const silent = await withoutEvent(world);
    const declared = await declaredOf(world);
    const operations = [...declared.keys()].sort();
    // Fails for an operation of the document without a call here.
    expect(Object.keys(calls).sort()).toEqual(operations.filter((one) => declared.get(one)?.length !== 0));
    expect(Object.keys(silent).sort()).toEqual(operations.filter((one) => declared.get(one)?.length === 0));
    await jam();
    const sizes = await sizesOf(world);
    for (const [operation, [[path, who, sent] = expect.fail(operation)]] of Object.entries(silent)) {
      const reply = await callBy(world, who, operation.replace(/ .*/, ''), path, sent ?? {});
      expect(Math.floor(reply.status / 100), `${operation}: ${await reply.text()}`).toBe(2);
      expect(await writtenSince(world, sizes), operation).toEqual([]);
    }
    const [before, files] = [await dump(), await filesUnder(join(world.folder, 'store'))];
    for (const [operation, variants] of Object.entries(calls)) {
      const method = operation.replace(/ .*/, '');
      for (const [path, who, sent] of variants) {
        for (const headers of method === 'POST' ? [{}, { 'idempotency-key': path }] : [{}]) {
          const all = { ...sent, headers: { ...sent?.headers, ...headers } };
          const reply = await callBy(world, who, method, path, all);
          expect(reply.headers.get('retry-after'), operation).toBe('5');
          await expectProblem(reply, 503, 'audit_unavailable');
          expect((await dump()) === before, operation).toBe(true);
          expect(await filesUnder(join(world.folder, 'store')), operation).toEqual(files);
        }
      }
    }
    await free();
    for (const [operation, variants] of Object.entries(calls)) {
      const method = operation.replace(/ .*/, '');
      for (const [path, who, sent] of variants) {
        const headers = { ...sent?.headers, ...(method === 'POST' ? { 'idempotency-key': path } : {}) };
        const sizesBefore = await sizesOf(world);
        const reply = await callBy(world, who, method, path, { ...sent, headers });
        // An event stream does not end.
        const told = operation === 'GET /v1/events' ? await reply.body?.cancel() : await reply.text();
        expect(Math.floor(reply.status / 100), `${operation}: ${told}`).toBe(2);
        const undeclared = (await writtenSince(world, sizesBefore)).filter(
          (one) => !declared.get(operation)?.includes(one),
        );
        expect(undeclared, `${operation} writes`).toEqual([]);
      }
    }
  });
});
