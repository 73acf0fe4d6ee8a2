// Withdrawing consent over HTTP, on both engines: what it ends, what it reaches, and what it leaves.
import { describe, expect, it } from 'vitest';
import { consentIn, NUMBER } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

let numbers = 0;
/** Another number for each test: the world is shared. */
const another = () => `+4412345${String(10_000 + numbers++)}`;
const from = (number: string) => ({ 'vault-meta-from': encodeURIComponent(number) });

describe.each(ENGINES)('a withdrawal on $engine $reason', ({ engine, present }) => {
  const world: World = sharedWorld({}, engine);
  const of = consentIn(world);
  const grantOf = async (id: string, who: 'reviewer' | 'privacy' = 'reviewer') => {
    const reply = await world.call('GET', `/v1/grants/${id}`, { key: world.harbour[who].key });
    return ((await reply.json()) as { state: string }).state;
  };

  it.runIf(present)('silences a live session within a piece, and ends its grant', async () => {
    const number = another();
    const recording = await of.call('live', 5, from(number));
    const grant = await world.grant(world.harbour, recording);
    const session = await world.session(world.harbour, grant);
    expect((await of.hear(session)).status).toBe(206);
    const { at, purposes } = await of.withdrawn({ number });
    expect(purposes).toEqual([]);
    await expectProblem(await of.hear(session), 403, 'session_ended');
    expect(await grantOf(grant)).toBe('revoked');
    expect((await of.shown(recording)).basis).toEqual({
      kind: 'consent',
      defaulted: true,
      withdrawn: { at, purposes },
    });
    const [entry] = (await entriesOf(world.vault, world.harbour.tenant, recording)).map(({ body }) => body);
    const by = world.harbour.privacy.id;
    expect(entry).toEqual({
      ...{ v: 1, op: 'facts', why: 'recording.amended', by },
      set: { basis: { withdrawn: { at, purposes } } },
    });
    const session2 = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: world.harbour.reviewer.key });
    await expectProblem(session2, 403, 'access_refused');
    const asked = await world.call('GET', `/v1/recordings/${recording}/access?purpose=quality`, {
      key: world.harbour.reviewer.key,
    });
    expect(await asked.json()).toMatchObject({ allowed: false, code: 'consent_withdrawn' });
  });

  it.runIf(present)('leaves what needs no consent', async () => {
    const number = another();
    const recording = await of.call('legal', 5, from(number));
    const grant = await of.legalGrant(recording);
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: world.harbour.privacy.key });
    const { id } = (await opened.json()) as { id: string };
    await of.withdrawn({ number });
    expect((await of.hear(id, world.harbour.privacy.key)).status).toBe(206);
    expect(await grantOf(grant, 'privacy')).toBe('approved');
    await of.legalGrant(recording);
  });

  it.runIf(present)('reaches earlier calls that arrive or change later, and no later ones', async () => {
    const number = another();
    const known = await of.call('known', 60, { ...from(another()) });
    const amended = await world.call('PATCH', '/v1/ingest/pbx/amended', {
      key: world.harbour.uploader.key,
      json: { started_at: new Date(world.vault.clock.now() - 600_000).toISOString() },
    });
    const { recording: later } = (await amended.json()) as { recording: string };
    await of.withdrawn({ number });
    const arrived = await of.call('arrived', 10, from(number));
    const described = await world.call('POST', '/v1/recordings', {
      key: world.harbour.uploader.key,
      json: {
        ...{ source: 'pbx', call_id: 'described', to: number, basis: { kind: 'consent' } },
        started_at: new Date(world.vault.clock.now() - 600_000).toISOString(),
      },
    });
    const { recording: two } = (await described.json()) as { recording: string };
    const json = { numbers: { from: number } };
    for (const call of ['known', 'amended']) {
      const reply = await world.call('PATCH', `/v1/ingest/pbx/${call}`, { key: world.harbour.uploader.key, json });
      expect(reply.status).toBe(200);
    }
    for (const id of [arrived, two, known, later]) expect(await of.isWithdrawn(id)).toBe(true);

    const after = await of.call('after', -1, from(number));
    const contract = await of.call('contract', 10, { ...from(number), 'vault-meta-basis': 'contract' });
    const other = await of.call('other', 10, from(another()));
    const elsewhere = await of.call('elsewhere', 10, from(number), world.yunhai);
    for (const id of [after, contract, other]) expect(await of.isWithdrawn(id)).toBe(false);
    expect(await of.isWithdrawn(elsewhere, world.yunhai)).toBe(false);
    const grant = await world.grant(world.harbour, contract);
    expect((await of.hear(await world.session(world.harbour, grant))).status).toBe(206);
  });

  it.runIf(present)('stays when the platform sends the call or its basis again', async () => {
    const number = another();
    const recording = await of.call('again', 5, from(number));
    await of.withdrawn({ number });
    const reply = await world.call('PATCH', '/v1/ingest/pbx/again', {
      key: world.harbour.uploader.key,
      json: { basis: { kind: 'contract' }, as_of: new Date(world.vault.clock.now() + 60_000).toISOString() },
    });
    expect(await reply.json()).toMatchObject({ set: [], kept: [{ member: 'basis', reason: 'known_already' }] });
    expect((await of.shown(recording)).basis).toMatchObject({ kind: 'consent', withdrawn: expect.anything() });
  });

  it.runIf(present)('ends with new consent, which needs evidence and a later time', async () => {
    const number = another();
    const recording = await of.call('consent', 5, from(number));
    const { at } = await of.withdrawn({ number });
    const correct = async (basis: object) =>
      world.call('PATCH', `/v1/recordings/${recording}`, {
        key: world.harbour.privacy.key,
        headers: { 'if-match': `"${(await of.shown(recording)).version}"` },
        json: { reason: 'the caller agreed again', basis },
      });
    const pointers = async (basis: object) =>
      (await expectProblem(await correct(basis), 400, 'metadata_invalid')).errors?.map(({ pointer }) => pointer);
    expect(await pointers({ kind: 'consent' })).toEqual(['/basis/evidence', '/basis/at']);
    expect(await pointers({ kind: 'consent', evidence: 'a form', at })).toEqual(['/basis/at']);
    expect(await pointers({ kind: 'contract' })).toEqual(['/basis/evidence']);
    const given = new Date(Date.parse(at) + 1).toISOString();
    expect((await correct({ kind: 'consent', evidence: 'a form', at: given })).status).toBe(200);
    expect((await of.shown(recording)).basis).toEqual({ kind: 'consent', evidence: 'a form', at: given });
    const grant = await world.grant(world.harbour, recording);
    expect((await of.hear(await world.session(world.harbour, grant))).status).toBe(206);

    // Work looks at it once more, and a later change of the call: consent is newer than the withdrawal.
    expect(await of.continue()).toBe(0);
    const json = { numbers: { to: number } };
    await world.call('PATCH', '/v1/ingest/pbx/consent', { key: world.harbour.uploader.key, json });
    expect(await of.isWithdrawn(recording)).toBe(false);
    // Another withdrawal takes that too.
    await of.withdrawn({ number });
    expect(await of.isWithdrawn(recording)).toBe(true);
  });

  it.runIf(present)('of some purposes leaves the others, and adds to one before', async () => {
    const number = another();
    const recording = await of.call('some', 5, from(number));
    const quality = await world.grant(world.harbour, recording);
    const complaint = await world.grant(world.harbour, recording, { purpose: 'complaint' });
    const { at } = await of.withdrawn({ number, purposes: ['training', 'complaint', 'training'] });
    expect([await grantOf(quality), await grantOf(complaint)]).toEqual(['approved', 'revoked']);
    expect((await of.shown(recording)).basis.withdrawn).toEqual({ at, purposes: ['complaint', 'training'] });
    await of.withdrawn({ number });
    expect((await of.shown(recording)).basis.withdrawn?.purposes).toEqual([]);
    expect(await grantOf(quality)).toBe('revoked');
  });

  it.runIf(present)('says nothing of whether a number is known, and is repeated once by its key', async () => {
    const [known, unknown] = [another(), another()];
    await of.call('secret', 5, from(known));
    const replies = [await of.withdraw({ number: known }), await of.withdraw({ number: unknown })];
    const bodies = await Promise.all(replies.map((reply) => reply.json() as Promise<Record<string, unknown>>));
    expect(replies.map(({ status }) => status)).toEqual([201, 201]);
    expect(bodies.map((body) => Object.keys(body).sort())).toEqual([
      ['at', 'id', 'purposes'],
      ['at', 'id', 'purposes'],
    ]);
    const send = () =>
      world.call('POST', '/v1/withdrawals', {
        ...{ key: world.harbour.privacy.key, headers: { 'idempotency-key': `once-${engine}` } },
        json: { number: unknown, reason: 'a letter' },
      });
    const [first, second] = [await (await send()).json(), await (await send()).json()];
    expect(second).toEqual(first);
    const listed = await world.call('GET', '/v1/withdrawals?limit=1', { key: world.harbour.privacy.key });
    expect(await listed.json()).toMatchObject({
      data: [{ ...(first as object), state: 'done', created: expect.any(String) }],
      next_cursor: expect.any(String),
    });
  });

  it.runIf(present)('rejects what it cannot carry out', async () => {
    const rejected = async (json: object) =>
      (await expectProblem(await of.withdraw(json), 400, 'malformed')).errors?.map(({ pointer }) => pointer);
    expect(await rejected({})).toEqual(['/number']);
    expect(await rejected({ number: ' ' })).toEqual(['/number']);
    expect(await rejected({ number: NUMBER, at: '2999-01-01T00:00:00Z' })).toEqual(['/at']);
    expect(await rejected({ number: NUMBER, at: 'yesterday' })).toEqual(['/at']);
    expect(await rejected({ number: NUMBER, purposes: ['fun'] })).toEqual(['/purposes/0']);
    expect(await rejected({ number: NUMBER, reason: 'no' })).toEqual(['/reason']);
    expect(await rejected({ number: NUMBER, agent: 'Ann' })).toEqual(['/agent']);
    expect(await rejected({ fields: { contract: 'K-1' } })).toEqual(['/fields']);
    for (const who of ['reviewer', 'supervisor', 'auditor', 'admin', 'uploader'] as const)
      await expectProblem(
        await of.withdraw({ number: NUMBER }, world.harbour, world.harbour[who].key),
        403,
        'forbidden',
      );
  });

  it.runIf(present)('reaches a call by each way of writing its number', async () => {
    const recording = await of.call('spelt', 5, from('01234 567 899'));
    await of.withdrawn({ number: '+44 (0)1234-567899' });
    expect(await of.isWithdrawn(recording)).toBe(true);
  });
});
