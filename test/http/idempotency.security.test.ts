// Idempotency-Key: a repeated request has one effect and gets the original reply. Long because each kind of change is a
// case.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type IdKind, newId } from '../../src/bytes/ids.ts';
import { addBatch } from '../support/batches.ts';
import { signInBrowser } from '../support/browser.ts';
import { addTeam } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder, World } from '../support/world.ts';
import { type Keyed, makeKeyed, said, wishFor } from './keyed.ts';
import { expectProblem } from './problem.ts';

let world: World;
let recording: string;
let post: Keyed['post'];
let asked: Keyed['asked'];
let events: Keyed['events'];
let all: Keyed['all'];
beforeEach(async () => {
  ({ world, recording, post, asked, events, all } = await makeKeyed());
});
afterEach(() => world.end());

const HOLD = { reference: 'HB-1', title: 'Fenwick', review: '2027-06-30T00:00:00.000Z' };

/** Every POST that changes something: caller, path, body, and another body where it has one. */
const POSTS: Record<string, () => Promise<readonly [KeyHolder, string, unknown?, unknown?]>> = {
  '/v1/recordings': async () => {
    const body = { source: 'pbx', call_id: 'described' };
    return [world.harbour.uploader, '/v1/recordings', body, { ...body, call_id: 'other' }];
  },
  '/v1/access-requests': async () => {
    const body = wishFor(recording);
    return [world.harbour.reviewer, '/v1/access-requests', body, { ...body, minutes: 16 }];
  },
  '/v1/access-requests/bulk': async () => {
    const { recording: _, ...wish } = wishFor(recording);
    const body = { ...wish, recordings: [recording] };
    return [world.harbour.reviewer, '/v1/access-requests/bulk', body, { ...body, minutes: 16 }];
  },
  '/v1/access-requests/:id/approve': async () => [
    world.harbour.supervisor,
    `/v1/access-requests/${await asked()}/approve`,
  ],
  '/v1/access-requests/:id/deny': async () => [
    world.harbour.supervisor,
    `/v1/access-requests/${await asked()}/deny`,
    { reason: 'no need' },
    { reason: 'not now' },
  ],
  '/v1/access-requests/decide': async () => {
    const decisions = [{ request: await asked(), decision: 'approve' }];
    const less = decisions.map((one) => ({ ...one, minutes: 5 }));
    return [world.harbour.supervisor, '/v1/access-requests/decide', { decisions }, { decisions: less }];
  },
  '/v1/access-requests/:id/cancel': async () => [world.harbour.reviewer, `/v1/access-requests/${await asked()}/cancel`],
  '/v1/grants/:id/revoke': async () => [
    world.harbour.reviewer,
    `/v1/grants/${await world.grant(world.harbour, recording)}/revoke`,
  ],
  '/v1/grants/revoke': async () => {
    await world.grant(world.harbour, recording);
    return [world.harbour.supervisor, '/v1/grants/revoke', { recording }, { person: world.harbour.reviewer.id }];
  },
  '/v1/grants/:id/extend': async () => {
    const grant = await world.grant(world.harbour, recording);
    await world.session(world.harbour, grant);
    return [world.harbour.reviewer, `/v1/grants/${grant}/extend`];
  },
  '/v1/batches/:id/withdraw': async () => {
    const { tenant, supervisor } = world.harbour;
    const path = `/v1/batches/${await addBatch(world.vault, tenant, supervisor.id)}/withdraw`;
    return [supervisor, path, { reason: 'no need' }, { reason: 'another' }];
  },
  '/v1/grants/:id/sessions': async () => [
    world.harbour.reviewer,
    `/v1/grants/${await world.grant(world.harbour, recording)}/sessions`,
  ],
  '/v1/people/:id/sign-out': async () => {
    await signInBrowser(world, world.harbour.tenant, world.harbour.colleague.id);
    return [world.harbour.admin, `/v1/people/${world.harbour.colleague.id}/sign-out`];
  },
  '/v1/people/:id/deactivate': async () => {
    const id = await world.named(world.harbour.tenant, 'Leaver');
    return [world.harbour.admin, `/v1/people/${id}/deactivate`];
  },
  '/v1/people/:id/remove-roles': async () => {
    const { id } = await world.person(world.harbour.tenant, ['reviewer', 'supervisor']);
    const path = `/v1/people/${id}/remove-roles`;
    return [world.harbour.admin, path, { roles: ['supervisor'] }, { roles: ['reviewer'] }];
  },
  '/v1/teams/:id/remove-member': async () => {
    const { tenant, reviewer, colleague, admin } = world.harbour;
    const team = await addTeam(world.vault, tenant, { members: [reviewer.id, colleague.id], queues: [] });
    return [admin, `/v1/teams/${team}/remove-member`, { person: reviewer.id }, { person: colleague.id }];
  },
  '/v1/sessions/:id/comments': async () => {
    const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
    const body = { start_ms: 1, category: 'note', visibility: 'team', text: 'a word' };
    return [world.harbour.reviewer, `/v1/sessions/${session}/comments`, body, { ...body, text: 'another' }];
  },
  '/v1/api-keys/:id/revoke': async () => [
    world.harbour.admin,
    `/v1/api-keys/${(await world.keyOf(world.harbour.tenant, world.harbour.colleague.id)).id}/revoke`,
  ],
  '/v1/changes': async () => {
    const body = { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } };
    return [world.harbour.privacy, '/v1/changes', body, { ...body, note: 'another' }];
  },
  '/v1/holds': async () => {
    const body = { ...HOLD, recordings: [recording] };
    return [world.harbour.privacy, '/v1/holds', body, { ...body, title: 'another' }];
  },
  '/v1/holds/:id/recordings': async () => {
    const { privacy } = world.harbour;
    const json = { ...HOLD, recordings: [recording] };
    const { id } = (await (await world.call('POST', '/v1/holds', { key: privacy.key, json })).json()) as { id: string };
    const [one, two] = [await world.deposited(world.harbour, 'one', wav(1000)), newId('rec')];
    return [privacy, `/v1/holds/${id}/recordings`, { recordings: [one] }, { recordings: [two] }];
  },
  '/v1/subject-requests': async () => {
    const body = { kinds: ['access'], person: { numbers: ['+441234567899'] } };
    return [world.harbour.privacy, '/v1/subject-requests', body, { ...body, kinds: ['erase'] }];
  },
  '/v1/subject-requests/:id/identity': async () => [
    world.harbour.privacy,
    `/v1/subject-requests/${await subject()}/identity`,
    { how: 'a passport' },
    { how: 'another' },
  ],
  '/v1/subject-requests/:id/search': async () => [
    world.harbour.privacy,
    `/v1/subject-requests/${await subject('identity')}/search`,
    {},
    { to: '2026-01-01T00:00:00Z' },
  ],
  '/v1/subject-requests/:id/extend': async () => [
    world.harbour.privacy,
    `/v1/subject-requests/${await subject()}/extend`,
    { reason: 'many calls' },
    { reason: 'another' },
  ],
  '/v1/subject-requests/:id/decision': async () => [
    world.harbour.privacy,
    `/v1/subject-requests/${await subject('identity', 'search')}/decision`,
    { note: 'nothing found' },
    { note: 'another' },
  ],
  '/v1/notices': async () => {
    const body = { language: 'en', text: 'This call is recorded.' };
    return [world.harbour.privacy, '/v1/notices', body, { ...body, text: 'Another' }];
  },
  '/v1/withdrawals': async () => {
    const body = { number: '+441234567899', reason: 'a letter' };
    return [world.harbour.privacy, '/v1/withdrawals', body, { ...body, reason: 'another' }];
  },
  '/v1/recordings/:id/restrict': async () => {
    const id = await world.deposited(world.harbour, newId('rec'), wav(1000));
    const body = { ground: 'claims', reason: 'a letter' };
    return [world.harbour.privacy, `/v1/recordings/${id}/restrict`, body, { ...body, ground: 'accuracy' }];
  },
  '/v1/expiry/pause': async () => {
    world.sql.prepare("update expiry set state = 'RUNNING', since = null, actor = null").run();
    return [world.harbour.privacy, '/v1/expiry/pause'];
  },
  '/v1/changes/:id/withdraw': async () => {
    const json = { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } };
    const made = await world.call('POST', '/v1/changes', { key: world.harbour.privacy.key, json });
    return [world.harbour.privacy, `/v1/changes/${((await made.json()) as { id: string }).id}/withdraw`];
  },
};
/** A subject request after these steps. */
async function subject(...steps: readonly string[]): Promise<string> {
  const { key } = world.harbour.privacy;
  const json = { kinds: ['access'], person: { numbers: ['+441234567899'] } };
  const { id } = (await (await world.call('POST', '/v1/subject-requests', { key, json })).json()) as { id: string };
  for (const step of steps)
    await world.call('POST', `/v1/subject-requests/${id}/${step}`, {
      key,
      json: step === 'identity' ? { how: 'a passport' } : {},
    });
  return id;
}

const ROUTES = Object.keys(POSTS);
const given = (route: string) => (POSTS[route] as NonNullable<(typeof POSTS)[string]>)();

/** POSTs of browsers: their secret or challenge works only once anyway. */
const ONCE_BY_ITSELF = [
  ...['/v1/sign-in/link', '/v1/sign-in/passkey/options', '/v1/sign-in/passkey'],
  ...['/v1/passkeys/options', '/v1/passkeys/proof/options', '/v1/passkeys'],
  ...['/v1/step-up/options', '/v1/step-up'],
  // completeness.test.ts: a list that is sent again changes nothing.
  '/v1/call-lists',
];

/** POSTs that need a passkey: changes.test.ts repeats them. */
const BY_PASSKEY = [
  ...['/v1/changes/:id/sign', '/v1/changes/:id/approve', '/v1/changes/:id/refuse'],
  // batches.test.ts and my-queue.test.ts.
  ...['/v1/batches', '/v1/grants/:id/done', '/v1/grants/:id/return'],
  // subjects.test.ts: what two people decided comes before it.
  '/v1/subject-requests/:id/answer',
];

/** Reads that use POST to keep parameters out of addresses, and a challenge. */
const READS = [
  '/v1/recordings/search',
  '/v1/recordings/names',
  '/v1/access-requests/decide/options',
  '/v1/changes/:id/options',
  '/v1/batches/check',
  '/v1/batches/options',
  '/v1/people/import/preview',
  '/v1/policies/preview',
  '/v1/retention/preview',
];

it('the table above names every POST but those that change nothing, and signing in', () => {
  expect([...world.posts].sort()).toEqual([...ROUTES, ...ONCE_BY_ITSELF, ...BY_PASSKEY, ...READS].sort());
});

describe.each(ROUTES)('POST %s', (route) => {
  it('repeated has no second effect and gets the same reply', async () => {
    const [who, path, body] = await given(route);
    const first = await post(who, path, 'k-1', body);
    expect(first.status).toBeLessThan(300);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const told = await said(first);
    expect(told.audit).not.toBeNull();
    const before = await all();
    for (const key of ['k-1', '"k-1"']) {
      const again = await post(who, path, key, body);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(await said(again)).toEqual(told);
    }
    expect(await all()).toEqual(before);
    const [, log, index, hash] = /^(\S+) (\d+) (\S+)$/.exec(told.audit ?? '') ?? [];
    const kept = world.sql.prepare('select hash from audit_event where log = ? and seq = ?');
    const row = kept.get(world.harbour.tenant, Number(index)) as { hash: Buffer };
    expect([log, hash]).toEqual([`vault.example/${world.harbour.tenant}`, row.hash.toString('base64')]);
  });

  it('with the same key and another body is rejected', async () => {
    const [who, path, body, other] = await given(route);
    expect((await post(who, path, 'k-1', body)).status).toBeLessThan(300);
    const before = await all();
    if (other !== undefined) await expectProblem(await post(who, path, 'k-1', other), 422, 'idempotency_key_reused');
    if (route.includes(':id')) {
      const elsewhere = path.replace(/(req|grt|ses|key|usr|chg|tea|bat|hld|rec|sub)_\w+/, (id) =>
        newId(id.slice(0, 3) as IdKind),
      );
      await expectProblem(await post(who, elsewhere, 'k-1', body), 422, 'idempotency_key_reused');
    }
    expect(await all()).toEqual(before);
  });

  it('sent twelve times concurrently has one effect', async () => {
    const [who, path, body] = await given(route);
    const before = events();
    const replies = await Promise.all(Array.from({ length: 12 }, () => post(who, path, 'k-1', body)));
    const firsts = replies.filter(({ status, headers }) => status < 300 && !headers.has('idempotency-replayed'));
    expect(firsts).toHaveLength(1);
    const told = await said(firsts[0] as Response);
    for (const reply of replies.filter((one) => one !== firsts[0])) {
      if (reply.status === 409) {
        expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
        const { retryable } = (await expectProblem(reply, 409, 'idempotency_in_progress')) as { retryable?: boolean };
        expect(retryable).toBe(true);
      } else expect(await said(reply)).toEqual(told);
    }
    // A deactivation is in the deployment's log too, a hold covers its recordings, and a decision is a change.
    expect(events() - before).toBe(
      ['/v1/people/:id/deactivate', '/v1/holds', '/v1/subject-requests/:id/decision'].includes(route) ? 2 : 1,
    );
    expect(await said(await post(who, path, 'k-1', body))).toEqual(told);
  });

  it('whose reply cannot be stored changes nothing, and succeeds once it can', async () => {
    const [who, path, body] = await given(route);
    const before = await all();
    world.sql.exec("create trigger jam before update on idempotency begin select raise(abort, 'jam'); end");
    await expectProblem(await post(who, path, 'k-1', body), 409, 'conflict');
    expect(await all()).toEqual(before);
    world.sql.exec('drop trigger jam');
    const later = await post(who, path, 'k-1', body);
    expect(later.headers.get('idempotency-replayed')).toBeNull();
    expect(later.status).toBeLessThan(300);
  });
});

describe('a reply is replayed unchanged', () => {
  it('after the request was approved, its grant used and revoked, and its session closed', async () => {
    const { reviewer, supervisor } = world.harbour;
    const wish = wishFor(recording);
    const ask = () => post(reviewer, '/v1/access-requests', 'ask', wish);
    const first = await said(await ask());
    const { id } = JSON.parse(first.body) as { id: string };
    const approve = () => post(supervisor, `/v1/access-requests/${id}/approve`, 'approve');
    const second = await said(await approve());
    const { grant } = JSON.parse(second.body) as { grant: { id: string } };
    const open = () => post(reviewer, `/v1/grants/${grant.id}/sessions`, 'open');
    const third = await said(await open());
    const session = (JSON.parse(third.body) as { id: string }).id;
    for (let n = 0; n < 5; n++) expect(await said(await open())).toEqual(third);
    expect((await world.call('DELETE', `/v1/sessions/${session}`, { key: reviewer.key })).status).toBe(200);
    expect((await post(supervisor, `/v1/grants/${grant.id}/revoke`, 'revoke')).status).toBe(200);
    expect(await said(await ask())).toEqual(first);
    expect(await said(await approve())).toEqual(second);
    expect(await said(await open())).toEqual(third);
    // A replayed reply grants nothing.
    const heard = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
    await expectProblem(heard, 403, 'session_ended');
    const left = world.sql.prepare('select uses - uses_left from access_grant where id = ?').pluck().get(grant.id);
    expect(left).toBe(1);
  });

  it('for the first of two required approvals', async () => {
    const id = await asked();
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    const second = await world.person(world.harbour.tenant, ['supervisor']);
    const approve = () => post(world.harbour.supervisor, `/v1/access-requests/${id}/approve`, 'k');
    const told = await said(await approve());
    expect(JSON.parse(told.body)).toMatchObject({ state: 'requested', grant: null });
    const other = await post(second, `/v1/access-requests/${id}/approve`, 'k');
    expect(await other.json()).toMatchObject({ state: 'approved' });
    expect(await said(await approve())).toEqual(told);
  });

  it('for a call that was already described', async () => {
    const body = { source: 'pbx', call_id: 'twice' };
    const describe1 = (key: string) => post(world.harbour.uploader, '/v1/recordings', key, body);
    const [first, second] = [await said(await describe1('a')), await said(await describe1('b'))];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await said(await describe1('a'))).toEqual(first);
    expect(await said(await describe1('b'))).toEqual(second);
  });

  it('only to callers who may still use the route', async () => {
    const { supervisor } = world.harbour;
    const path = `/v1/access-requests/${await asked()}/approve`;
    expect((await post(supervisor, path, 'k')).status).toBe(200);
    world.sql.prepare("update principal set roles = 'reviewer' where id = ?").run(supervisor.id);
    await world.reseal();
    await expectProblem(await post(supervisor, path, 'k'), 403, 'forbidden');
    world.sql.prepare("update principal set roles = 'supervisor' where id = ?").run(supervisor.id);
    await world.reseal();
    world.sql.prepare("update tenant set state = 'SUSPENDED' where tenant = ?").run(world.harbour.tenant);
    await expectProblem(await post(supervisor, path, 'k'), 503, 'not_available');
  });
});
