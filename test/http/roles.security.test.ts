// The role matrix: who may call each route.
import { beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { wav } from '../support/wav.ts';
import type { RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld({ signed: true });
beforeAll(() => maintainIngestKeys(world.vault, { signal: AbortSignal.timeout(60_000) }));

const STAFF = ['reviewer', 'supervisor', 'privacy'] as const;
const ROLES = ['uploader', ...STAFF, 'auditor', 'admin'] as const;
type Role = (typeof ROLES)[number];
type Route = { method: string; path: string; may: readonly Role[]; sent?: RequestOptions };

const [rec, req, grt, ses, key, cmt, chg] = [
  newId('rec'),
  newId('req'),
  newId('grt'),
  newId('ses'),
  newId('key'),
  newId('cmt'),
  newId('chg'),
];
const ROUTES: readonly Route[] = [
  { method: 'PUT', path: '/v1/ingest/pbx/a', may: ['uploader'], sent: { type: 'audio/wav', body: wav(10) } },
  { method: 'PATCH', path: '/v1/ingest/pbx/a', may: ['uploader'], sent: { json: { agent: 'a' } } },
  { method: 'GET', path: '/v1/ingest/pbx/a', may: ['uploader'] },
  { method: 'PUT', path: '/v1/sealed-files/a', may: ['uploader'], sent: { body: wav(10) } },
  { method: 'GET', path: '/v1/ingest-key', may: ['uploader'] },
  {
    ...{ method: 'POST', path: '/v1/call-lists?source=pbx', may: ['uploader'] },
    sent: { type: 'text/csv', body: Buffer.from('call_id') },
  },
  { method: 'GET', path: '/v1/completeness?from=2026-11-01&to=2026-11-02', may: ['uploader', 'privacy', 'admin'] },
  {
    method: 'GET',
    path: '/v1/completeness/calls?from=2026-11-01&to=2026-11-02&source=pbx&what=missing',
    may: ['uploader', 'privacy', 'admin'],
  },
  { method: 'POST', path: '/v1/recordings', may: ['uploader'], sent: { json: { source: 'pbx', call_id: 'b' } } },
  { method: 'PUT', path: `/v1/recordings/${rec}/audio`, may: ['uploader'], sent: { type: 'audio/wav', body: wav(10) } },
  { method: 'PUT', path: `/v1/recordings/${rec}/transcripts/en`, may: ['uploader'], sent: { type: 'text/vtt' } },
  { method: 'GET', path: '/v1/recordings', may: STAFF },
  { method: 'POST', path: '/v1/recordings/search', may: STAFF, sent: { json: { agent: 'a' } } },
  { method: 'POST', path: '/v1/recordings/names', may: STAFF, sent: { json: { field: 'agent', prefix: 'a' } } },
  { method: 'GET', path: `/v1/recordings/${rec}`, may: STAFF },
  { method: 'PATCH', path: `/v1/recordings/${rec}`, may: ['supervisor', 'privacy'], sent: { json: {} } },
  { method: 'POST', path: `/v1/recordings/${rec}/restrict`, may: ['privacy'], sent: { json: {} } },
  { method: 'GET', path: '/v1/erasures', may: ['privacy', 'auditor'] },
  { method: 'GET', path: '/v1/erasures/0/certificate', may: ['privacy', 'auditor'] },
  { method: 'GET', path: '/v1/notices', may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/notices', may: ['privacy'], sent: { json: {} } },
  { method: 'GET', path: '/v1/withdrawals', may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/withdrawals', may: ['privacy'], sent: { json: {} } },
  { method: 'GET', path: `/v1/recordings/${rec}/changes`, may: STAFF },
  { method: 'GET', path: `/v1/recordings/${rec}/interaction`, may: STAFF },
  { method: 'GET', path: `/v1/recordings/${rec}/access?purpose=quality`, may: STAFF },
  { method: 'POST', path: '/v1/access-requests', may: STAFF, sent: { json: {} } },
  { method: 'POST', path: '/v1/access-requests/bulk', may: STAFF, sent: { json: {} } },
  { method: 'GET', path: '/v1/access-requests', may: STAFF },
  { method: 'GET', path: `/v1/access-requests/${req}`, may: STAFF },
  { method: 'POST', path: `/v1/access-requests/${req}/approve`, may: ['supervisor'] },
  { method: 'POST', path: `/v1/access-requests/${req}/deny`, may: ['supervisor'], sent: { json: { reason: 'none' } } },
  { method: 'POST', path: `/v1/access-requests/${req}/cancel`, may: STAFF },
  { method: 'POST', path: '/v1/access-requests/decide', may: ['supervisor'], sent: { json: {} } },
  { method: 'POST', path: '/v1/access-requests/decide/options', may: ['supervisor'], sent: { json: {} } },
  { method: 'GET', path: '/v1/policy', may: STAFF },
  { method: 'GET', path: '/v1/grants', may: STAFF },
  { method: 'GET', path: '/v1/events', may: STAFF },
  { method: 'GET', path: `/v1/grants/${grt}`, may: STAFF },
  { method: 'POST', path: `/v1/grants/${grt}/extend`, may: STAFF },
  { method: 'POST', path: `/v1/grants/${grt}/revoke`, may: STAFF },
  { method: 'POST', path: '/v1/grants/revoke', may: STAFF, sent: { json: {} } },
  { method: 'POST', path: `/v1/grants/${grt}/sessions`, may: STAFF },
  { method: 'POST', path: '/v1/holds', may: ['privacy'], sent: { json: {} } },
  { method: 'POST', path: `/v1/holds/${newId('hld')}/recordings`, may: ['privacy'], sent: { json: {} } },
  { method: 'POST', path: '/v1/subject-requests', may: ['privacy'], sent: { json: {} } },
  ...['identity', 'search', 'extend', 'decision', 'answer'].map((step) => ({
    ...{ method: 'POST', path: `/v1/subject-requests/${newId('sub')}/${step}` },
    ...{ may: ['privacy' as const], sent: { json: {} } },
  })),
  { method: 'GET', path: '/v1/subject-requests', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/subject-requests/${newId('sub')}`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/subject-requests/${newId('sub')}/recordings`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/subject-requests/${newId('sub')}/answer`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/subject-requests/${newId('sub')}/certificate`, may: ['privacy', 'auditor'] },
  { method: 'GET', path: `/v1/subject-requests/${newId('sub')}/package`, may: ['privacy'] },
  { method: 'GET', path: '/v1/holds', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/holds/${newId('hld')}`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/holds/${newId('hld')}/recordings`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/batches/reviewers', may: ['supervisor'] },
  { method: 'POST', path: '/v1/batches/check', may: ['supervisor'], sent: { json: {} } },
  { method: 'POST', path: '/v1/batches/options', may: ['supervisor'], sent: { json: {} } },
  { method: 'POST', path: '/v1/batches', may: ['supervisor'], sent: { json: {} } },
  { method: 'GET', path: '/v1/batches', may: ['supervisor'] },
  { method: 'GET', path: `/v1/batches/${newId('bat')}`, may: ['supervisor'] },
  { method: 'POST', path: `/v1/batches/${newId('bat')}/withdraw`, may: ['supervisor'] },
  { method: 'GET', path: '/v1/my-queue', may: STAFF },
  { method: 'POST', path: `/v1/grants/${grt}/done`, may: STAFF },
  { method: 'POST', path: `/v1/grants/${grt}/return`, may: STAFF, sent: { json: {} } },
  { method: 'GET', path: `/v1/sessions/${ses}/media`, may: STAFF },
  { method: 'HEAD', path: `/v1/sessions/${ses}/media`, may: STAFF },
  { method: 'GET', path: `/v1/sessions/${ses}/transcripts/en`, may: STAFF },
  { method: 'DELETE', path: `/v1/sessions/${ses}`, may: STAFF },
  { method: 'GET', path: `/v1/sessions/${ses}`, may: STAFF },
  { method: 'GET', path: `/v1/sessions/${ses}/peaks`, may: STAFF },
  { method: 'GET', path: `/v1/sessions/${ses}/comments`, may: STAFF },
  { method: 'POST', path: `/v1/sessions/${ses}/comments`, may: STAFF, sent: { json: {} } },
  { method: 'PUT', path: `/v1/sessions/${ses}/comments/${cmt}`, may: STAFF, sent: { json: {} } },
  { method: 'DELETE', path: `/v1/sessions/${ses}/comments/${cmt}`, may: STAFF },
  { method: 'GET', path: `/v1/recordings/${rec}/activity`, may: [...STAFF, 'auditor'] },
  { method: 'GET', path: `/v1/recordings/${rec}/lifetime`, may: [...STAFF, 'auditor'] },
  { method: 'GET', path: '/v1/audit/events', may: ['auditor'] },
  { method: 'GET', path: '/v1/audit/proof?index=99999', may: ROLES },
  { method: 'GET', path: '/v1/audit/log/checkpoint', may: ['auditor'] },
  { method: 'GET', path: '/v1/audit/log/tile/entries/000', may: ['auditor'] },
  { method: 'GET', path: '/v1/audit/checkpoints', may: ['auditor'] },
  { method: 'GET', path: '/v1/audit/anchor', may: ['auditor'] },
  { method: 'GET', path: '/v1/activity', may: ['auditor'] },
  { method: 'GET', path: '/v1/keys', may: [] },
  { method: 'GET', path: `/v1/keys/${newId('ten')}/plan`, may: [] },
  { method: 'POST', path: `/v1/people/${newId('usr')}/sign-out`, may: ['admin'] },
  { method: 'POST', path: `/v1/people/${newId('usr')}/deactivate`, may: ['admin'] },
  {
    ...{ method: 'POST', path: `/v1/people/${newId('usr')}/remove-roles`, may: ['admin'] },
    sent: { json: { roles: ['supervisor'] } },
  },
  { method: 'GET', path: '/v1/teams', may: ['supervisor', 'privacy', 'admin'] },
  { method: 'GET', path: '/v1/teams/queues', may: ['privacy', 'admin'] },
  { method: 'GET', path: `/v1/teams/${newId('tea')}`, may: ['supervisor', 'privacy', 'admin'] },
  {
    ...{ method: 'POST', path: `/v1/teams/${newId('tea')}/remove-member`, may: ['admin'] },
    sent: { json: { person: newId('usr') } },
  },
  { method: 'GET', path: '/v1/people', may: ['supervisor', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/api-keys', may: ['admin'] },
  { method: 'POST', path: `/v1/api-keys/${key}/revoke`, may: ['admin'] },
  { method: 'GET', path: '/v1/changes', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/changes/${chg}`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/changes', may: ['privacy', 'admin'], sent: { json: {} } },
  { method: 'POST', path: `/v1/changes/${chg}/approve`, may: ['privacy', 'admin'] },
  { method: 'POST', path: `/v1/changes/${chg}/options`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: `/v1/changes/${chg}/sign`, may: ['privacy', 'admin'], sent: { json: { response: {} } } },
  { method: 'POST', path: `/v1/changes/${chg}/refuse`, may: ['privacy', 'admin'], sent: { json: {} } },
  { method: 'POST', path: `/v1/changes/${chg}/withdraw`, may: ['privacy', 'admin'] },
  { method: 'GET', path: '/v1/settings', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/policies', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/policies/${newId('pol')}`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/policy/schema', may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/people/import/preview', may: ['admin'], sent: { json: {} } },
  { method: 'POST', path: '/v1/policies/preview', may: ['privacy', 'admin'], sent: { json: {} } },
  { method: 'GET', path: '/v1/retention', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: `/v1/retention/${newId('ret')}`, may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/retention/schema', may: ['privacy', 'auditor', 'admin'] },
  { method: 'GET', path: '/v1/retention/packs', may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/retention/preview', may: ['privacy', 'auditor', 'admin'], sent: { json: {} } },
  { method: 'GET', path: '/v1/expiry', may: ['privacy', 'auditor', 'admin'] },
  { method: 'POST', path: '/v1/expiry/pause', may: ['privacy'] },
  { method: 'GET', path: '/v1/me', may: ROLES },
  { method: 'GET', path: '/v1/sign-ins', may: ROLES },
];

it.each(ROUTES)('$method $path is open to $may only', async ({ method, path, may, sent }) => {
  for (const role of ROLES) {
    const before = await world.snapshot(true);
    const reply = await world.call(method, path, { ...sent, key: world.harbour[role].key });
    if (may.includes(role)) {
      expect([200, 201, 400, 404, 409, 428], role).toContain(reply.status);
      await reply.body?.cancel();
    } else {
      expect(reply.status, role).toBe(403);
      if (method !== 'HEAD') await expectProblem(reply, 403, 'forbidden');
      expect(await world.snapshot(true)).toEqual(before);
    }
  }
  expect((await world.call(method, path, sent)).status).toBe(401);
});

/** Routes for browsers, or without a credential: sign-in.security.test.ts covers them. */
const SIGNING_IN = [
  ...['/v1/sign-in/link', '/v1/sign-in/passkey/options', '/v1/sign-in/passkey', '/v1/sign-in', '/v1/sign-ins'],
  ...['/v1/passkeys/options', '/v1/passkeys/proof/options', '/v1/passkeys', '/v1/passkeys/:id'],
  ...['/v1/step-up/options', '/v1/step-up'],
];

it('the table above names every route', () => {
  const { routes } = world;
  const named = ROUTES.filter(({ method }) => method !== 'HEAD').length + SIGNING_IN.length;
  expect(routes.filter((route) => route.startsWith('/v1/'))).toHaveLength(named);
});

it.each(['/v1', '/v1/', '/v2/recordings', '/v1/recordings/', '/v1//recordings', '/V1/recordings', '/.env'])(
  'there is no route %s',
  async (path) => {
    await expectProblem(await world.call('GET', path, { key: world.harbour.reviewer.key }), 404, 'not_found');
  },
);

it.each(['PUT', 'DELETE', 'POST'])('%s on a recording is not a route', async (method) => {
  const reply = await world.call(method, `/v1/recordings/${rec}`, { key: world.harbour.supervisor.key });
  await expectProblem(reply, 405, 'method_not_allowed');
});

it('a person who is both reviewer and supervisor is still one person', async () => {
  const both = await world.person(world.harbour.tenant, ['reviewer', 'supervisor']);
  const made = (await (await world.ingest(world.harbour, 'c', wav(10))).json()) as { recording: string };
  const json = { recording: made.recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
  const asked = await world.call('POST', '/v1/access-requests', { key: both.key, json });
  const { id } = (await asked.json()) as { id: string };
  for (const [verb, sent] of [
    ['approve', {}],
    ['deny', { json: { reason: 'none' } }],
  ] as const) {
    const reply = await world.call('POST', `/v1/access-requests/${id}/${verb}`, { ...sent, key: both.key });
    const { checks } = await expectProblem(reply, 403, 'access_refused');
    expect(checks?.filter(({ ok }) => ok === false)).toEqual([
      { check: 'another-person', ok: false, code: 'own_request' },
    ]);
  }
});
