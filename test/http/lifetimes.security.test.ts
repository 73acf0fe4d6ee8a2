// Attacks on retention, holds, consent and certificates: ids of another tenant, hostile rules and lists, races, and what replies repeat.
// Long because each attack is a case.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { NUMBER, REASON } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { beginErasing } from '../support/erased-calls.ts';
import { eraseAfter, setRules } from '../support/retention-rules.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem, sameness } from './problem.ts';

type Body = Readonly<Record<string, unknown>>;

const SAID = { reference: 'HB-1', title: 'Fenwick v Harbour', review: '2027-06-30T00:00:00Z' };
const request = () => ({ signal: AbortSignal.timeout(120_000) });

describe.each(ENGINES)('on $engine, lifetimes under attack $reason', ({ engine, present }) => {
  const world = sharedWorld({ signed: true }, engine);
  let [privacy, admin, other]: SteppingUp[] = [];
  let [own, theirs, theirHold, theirErasure]: string[] = [];
  const key = () => world.harbour.privacy.key;
  const post = (path: string, json: unknown, by = key()) => world.call('POST', path, { key: by, json: json as object });
  const propose = async (json: object): Promise<Response> =>
    (await privacy?.browser.call('POST', '/v1/changes', { json: { note: 'as agreed', ...json } })) ?? new Response();
  const idOf = async (reply: Response): Promise<string> => {
    expect(reply.status, await reply.clone().text()).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };
  const decide = async (who: SteppingUp | undefined, id: string, how: string): Promise<number> =>
    (await who?.browser.call('POST', `/v1/changes/${id}/${how}`))?.status ?? 0;
  const unchanged = async (act: () => Promise<unknown>): Promise<void> => {
    const before = await world.vault.db.read((rows) => rows.log.size(world.harbour.tenant), request());
    await act();
    expect(await world.vault.db.read((rows) => rows.log.size(world.harbour.tenant), request())).toBe(before);
  };
  const erase = (recording: string): Promise<string> =>
    eraseRecording(
      world.vault,
      operatorActor('op-1'),
      { tenant: world.harbour.tenant, recording, reason: 'court-order' },
      request(),
    ).then(
      () => 'erased',
      (error: { code: string }) => error.code,
    );

  beforeAll(async () => {
    if (!present) return;
    const { harbour, yunhai } = world;
    [privacy, admin, other] = [
      await withPasskey(world, harbour.tenant, harbour.privacy.id),
      await withPasskey(world, harbour.tenant, harbour.admin.id),
      await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['privacy'])).id),
    ];
    own = await world.deposited(harbour, 'own', wav(1_000));
    theirs = await world.deposited(yunhai, 'theirs', wav(1_000));
    theirHold = await idOf(await post('/v1/holds', { ...SAID, recordings: [theirs] }, yunhai.privacy.key));
    const restricted = { ground: 'claims', reason: REASON };
    expect((await post(`/v1/recordings/${theirs}/restrict`, restricted, yunhai.privacy.key)).status).toBe(200);
    const gone = await world.deposited(yunhai, 'gone', wav(1_000));
    theirErasure = String(await beginErasing(world, yunhai.tenant, gone, 'error'));
  }, 300_000);

  it.runIf(present)('takes no id of another tenant, and treats it as one that does not exist', async () => {
    const tried: readonly (readonly [(id: string) => Promise<Response>, string, string])[] = [
      [(id) => post('/v1/holds', { ...SAID, recordings: [own, id] }), theirs ?? '', 'rec'],
      [(id) => post(`/v1/holds/${id}/recordings`, { recordings: [own] }), theirHold ?? '', 'hld'],
      [(id) => post(`/v1/recordings/${id}/restrict`, { ground: 'claims', reason: REASON }), theirs ?? '', 'rec'],
      [(id) => propose({ kind: 'lift', hold: id }), theirHold ?? '', 'hld'],
      [(id) => post('/v1/notices', { notice: id, language: 'en', text: 'Recorded.' }), newId('ntc'), 'ntc'],
      [(id) => world.call('GET', `/v1/recordings/${id}/lifetime`, { key: key() }), theirs ?? '', 'rec'],
      [(id) => world.call('GET', `/v1/holds/${id}`, { key: key() }), theirHold ?? '', 'hld'],
      [(id) => world.call('GET', `/v1/holds/${id}/recordings`, { key: key() }), theirHold ?? '', 'hld'],
    ];
    for (const [act, foreign, prefix] of tried) {
      const missing = newId(prefix as 'rec');
      const [one, two] = [await act(foreign), await act(missing)];
      const said = sameness(await expectProblem(one, 404, 'not_found'));
      const expected = sameness(await expectProblem(two, 404, 'not_found'));
      expect(JSON.stringify(said).replaceAll(foreign, 'id')).toBe(JSON.stringify(expected).replaceAll(missing, 'id'));
    }
    const certificate = await world.call('GET', `/v1/erasures/${theirErasure}/certificate`, {
      key: world.harbour.auditor.key,
    });
    expect(certificate.status).toBe(404);
  });

  it.runIf(present)('lifts nothing that a hold never covered, or that is not restricted', async () => {
    const hold = await idOf(await post('/v1/holds', { ...SAID, recordings: [own] }));
    for (const recordings of [[theirs], [own, theirs], [newId('rec')]]) {
      const reply = await propose({ kind: 'lift', hold, recordings });
      await expectProblem(reply, 400, 'malformed', theirs ?? '');
    }
    for (const one of [theirs, newId('rec'), own])
      await expectProblem(await propose({ kind: 'lift', restrictions: [one] }), 400, 'malformed', one ?? '');
    const id = await idOf(await propose({ kind: 'lift', hold }));
    expect(await decide(admin, id, 'approve')).toBe(200);
  });

  it.runIf(present)('shows a proposed version only to those who read changes', async () => {
    const rules = eraseAfter('P10Y');
    const id = await idOf(await propose({ kind: 'retention', base: null, rules }));
    const read = async (by: string, version = id) =>
      world.call('GET', `/v1/recordings/${own}/lifetime?version=${version}`, { key: by });
    expect((await read(key())).status).toBe(200);
    for (const who of ['reviewer', 'supervisor'] as const) {
      const reply = await read(world.harbour[who].key);
      const said = (await reply.json()) as Body;
      expect([reply.status === 200 ? (said['proposed'] ?? null) : null, reply.status]).toEqual([null, reply.status]);
    }
    const foreign = await world.call('GET', `/v1/recordings/${theirs}/lifetime?version=${id}`, {
      key: world.yunhai.privacy.key,
    });
    const missing = await world.call('GET', `/v1/recordings/${theirs}/lifetime?version=${newId('chg')}`, {
      key: world.yunhai.privacy.key,
    });
    expect(foreign.status).toBe(missing.status);
    expect(((await foreign.json()) as Body)['proposed'] ?? null).toBeNull();
    expect(await decide(privacy, id, 'withdraw')).toBe(200);
  });

  const [rule] = eraseAfter('P1Y').erase;
  const kept = { id: 'k', name: 'K', law: 'A', when: {}, from: 'call', for: 'P1Y' };
  const HOSTILE: Readonly<Record<string, () => unknown>> = {
    'a period of 999,999 years': () => ({ ...eraseAfter('P1Y'), erase: [{ ...rule, for: 'P999999Y' }] }),
    'a period of none': () => ({ ...eraseAfter('P1Y'), grace: 'P0D' }),
    'a period with a sign': () => ({ ...eraseAfter('P1Y'), grace: 'P-1D' }),
    'a period of time': () => ({ ...eraseAfter('P1Y'), grace: 'PT1H' }),
    'a period in other digits': () => ({ ...eraseAfter('P1Y'), grace: 'P１D' }),
    'a period with a line after it': () => ({ ...eraseAfter('P1Y'), grace: 'P1D\n' }),
    'an event __proto__': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, from: 'event:__proto__' }] }),
    'a condition on __proto__': () =>
      JSON.parse(
        JSON.stringify({ ...eraseAfter('P1Y'), keep: [{ ...kept, when: { queue: ['a'] } }] }).replace(
          '"queue"',
          '"__proto__"',
        ),
      ),
    'a condition on constructor': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, when: { constructor: ['a'] } }] }),
    'a name with a hidden direction': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, name: 'Sales \u202e selaS' }] }),
    'a name of no width': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, name: '\u200b' }] }),
    'a name with half a character': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, name: 'a\ud800' }] }),
    'a text with a line break': () => ({ ...eraseAfter('P1Y'), keep: [{ ...kept, when: { queue: ['a\nb'] } }] }),
    'too many rules': () => ({
      ...eraseAfter('P1Y'),
      keep: Array.from({ length: 65 }, (_, n) => ({ ...kept, id: `k${n}` })),
    }),
    'more than 24 KiB': () => ({
      ...eraseAfter('P1Y'),
      keep: Array.from({ length: 60 }, (_, n) => ({
        ...{ ...kept, id: `k${n}`, law: 'x'.repeat(256), name: 'n'.repeat(128) },
        when: { queue: Array.from({ length: 4 }, (__, m) => `${m}`.repeat(60)) },
      })),
    }),
    'no rule that matches all': () => ({ ...eraseAfter('P1Y'), erase: [{ ...rule, when: { queue: ['a'] } }] }),
    'no object': () => ['rules'],
    nothing: () => null,
    'a later version': () => ({ ...eraseAfter('P1Y'), v: 2 }),
    'a version as a text': () => ({ ...eraseAfter('P1Y'), v: '1' }),
  };
  it.runIf(present).each(Object.entries(HOSTILE))('rejects rules with %s, and keeps nothing', async (_name, rules) => {
    await unchanged(async () => {
      for (const reply of [
        await post('/v1/retention/preview', { base: null, rules: rules() }),
        await propose({ kind: 'retention', base: null, rules: rules() }),
      ])
        expect([400, 413, 422], await reply.clone().text()).toContain(reply.status);
    });
  });

  it.runIf(present)('rejects times that their offset moves out of the years of a time, also in searches', async () => {
    const before = '0000-01-01T00:00:00+14:00';
    for (const at of [before, '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00', 'soon', '2026-13-01T00:00:00Z'])
      await unchanged(async () => {
        for (const [path, json, pointer] of [
          ['/v1/holds', { ...SAID, review: at, recordings: [own] }, '/review'],
          ['/v1/holds', { ...SAID, query: { from: at } }, '/query/from'],
          ['/v1/holds', { ...SAID, query: { to: at }, continuing: true }, '/query/to'],
          ['/v1/withdrawals', { number: NUMBER, at, reason: REASON }, '/at'],
        ] as const) {
          const { errors } = await expectProblem(await post(path, json), 400, 'malformed');
          expect(errors?.map((one) => one.pointer)).toEqual([pointer]);
        }
        for (const path of ['/v1/recordings', '/v1/activity']) {
          const by = path === '/v1/activity' ? world.harbour.auditor.key : key();
          const reply = await world.call('GET', `${path}?from=${encodeURIComponent(at)}`, { key: by });
          await expectProblem(reply, 400, 'malformed');
        }
      });
    const edge = { ...SAID, review: '9999-12-31T23:59:59.9999+00:00', query: { to: '0001-01-01T14:00:00+14:00' } };
    expect((await post('/v1/holds', edge)).status).toBe(201);
  });

  it.runIf(present)('rejects JSON as deep as a body can be', async () => {
    await unchanged(async () => {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const nested = `${open.repeat(50_000)}1${close.repeat(50_000)}`;
        for (const [path, text] of [
          ['/v1/retention/preview', `{"base":null,"rules":${nested}}`],
          ['/v1/retention/preview', `{"base":null,"rules":{"v":1,"grace":"P1D","keep":[],"erase":${nested}}}`],
          ['/v1/holds', `{"query":${nested}}`],
          ['/v1/withdrawals', `{"fields":${nested}}`],
        ] as const) {
          const reply = await world.call('POST', path, {
            key: key(),
            type: 'application/json',
            body: Buffer.from(text),
          });
          expect([400, 413, 422], `${path} ${(await reply.clone().text()).slice(0, 300)}`).toContain(reply.status);
        }
      }
    });
  });

  it.runIf(present)('rejects lists of 10,000 ids and texts of a megabyte at once', async () => {
    const ids = Array.from({ length: 10_000 }, () => newId('rec'));
    const long = 'x'.repeat(1_000_000);
    const hold = await idOf(await post('/v1/holds', { ...SAID, recordings: [own] }));
    await unchanged(async () => {
      for (const [path, json] of [
        ['/v1/holds', { ...SAID, recordings: ids }],
        [`/v1/holds/${hold}/recordings`, { recordings: ids }],
        ['/v1/holds', { ...SAID, title: long, recordings: [own] }],
        ['/v1/holds', { ...SAID, query: { fields: Object.fromEntries(ids.map((id) => [id, 'x'])) } }],
        ['/v1/withdrawals', { number: long, reason: REASON }],
        ['/v1/withdrawals', { fields: Object.fromEntries(ids.map((id) => [id, 'x'])), reason: REASON }],
        ['/v1/withdrawals', { number: NUMBER, purposes: ids, reason: REASON }],
        ['/v1/notices', { language: 'en', text: long }],
      ] as const) {
        const reply = await post(path, json);
        expect([400, 413, 422], `${path} ${(await reply.clone().text()).slice(0, 200)}`).toContain(reply.status);
        expect((await reply.text()).length, path).toBeLessThan(20_000);
      }
      for (const json of [
        { kind: 'lift', hold, recordings: ids },
        { kind: 'lift', restrictions: ids },
      ]) {
        const reply = await propose(json);
        expect([400, 413, 422]).toContain(reply.status);
        expect((await reply.text()).length).toBeLessThan(20_000);
      }
    });
    expect(await decide(admin, await idOf(await propose({ kind: 'lift', hold })), 'approve')).toBe(200);
  });

  it.runIf(present)('repeats nothing personal in replies and events', async () => {
    const secret = '+447700900123';
    for (const [path, json] of [
      ['/v1/withdrawals', { number: `${secret}x`.repeat(40), reason: REASON }],
      ['/v1/withdrawals', { fields: { [secret]: 'x' }, reason: REASON }],
      ['/v1/withdrawals', { fields: { contract: secret }, reason: REASON }],
      ['/v1/withdrawals', { number: NUMBER, at: secret, reason: REASON }],
      ['/v1/withdrawals', { number: NUMBER, purposes: [secret], reason: REASON }],
      ['/v1/holds', { ...SAID, query: { fields: { [secret]: 'x' } } }],
      ['/v1/holds', { ...SAID, query: { number_end: secret } }],
      ['/v1/holds', { ...SAID, recordings: [secret] }],
      ['/v1/notices', { language: secret, text: 'Recorded.' }],
      ['/v1/notices', { notice: secret, language: 'en', text: 'Recorded.' }],
      ['/v1/retention/preview', { base: secret, rules: eraseAfter('P1Y') }],
      [
        '/v1/retention/preview',
        { base: null, rules: { ...eraseAfter('P1Y'), keep: [{ ...kept, when: { [`field:${secret}`]: ['x'] } }] } },
      ],
      [
        '/v1/retention/preview',
        { base: null, rules: { ...eraseAfter('P1Y'), keep: [{ ...kept, when: { direction: [secret] } }] } },
      ],
      [`/v1/recordings/${own}/restrict`, { ground: secret, reason: REASON }],
    ] as const) {
      const reply = await post(path, json);
      const text = await reply.text();
      expect([400, 404, 409, 422], `${path} ${text}`).toContain(reply.status);
      expect(text, path).not.toContain('447700900123');
    }
    expect((await post('/v1/withdrawals', { number: secret, reason: `of ${secret}` })).status).toBe(201);
    expect((await post('/v1/holds', { ...SAID, title: `of ${secret}`, query: { number: secret } })).status).toBe(201);
    const said = JSON.stringify(await eventsOf(world, world.harbour.tenant));
    expect(said).not.toContain('447700900123');
  });

  it.runIf(present)('approves or withdraws, never both, of two at the same time', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 6; round++) {
      const hold = await idOf(await post('/v1/holds', { ...SAID, recordings: [own] }));
      const id = await idOf(await propose({ kind: 'lift', hold }));
      const both = [() => decide(admin, id, 'approve'), () => decide(privacy, id, 'withdraw')];
      const statuses = await Promise.all((round % 2 === 0 ? both : both.reverse()).map((act) => act()));
      expect(
        statuses.filter((status) => status === 200),
        String(statuses),
      ).toHaveLength(1);
      const events = (await eventsOf(world, world.harbour.tenant)).filter(
        ({ object }) => object['id'] === id || object['change'] === id,
      );
      const actions = events.map(({ action }) => action).filter((action) => action !== 'change.signed');
      outcomes.add(actions.join(' '));
      const isLifted = actions.includes('hold.lifted');
      expect(isLifted).toBe(actions.includes('change.approved'));
      expect(actions.includes('change.withdrawn')).toBe(!isLifted);
      const { state } = (await (await world.call('GET', `/v1/holds/${hold}`, { key: key() })).json()) as {
        state: string;
      };
      expect(state).toBe(isLifted ? 'lifted' : 'active');
      // What was decided once is decided: neither again, nor by another person.
      for (const [who, how] of [
        [admin, 'approve'],
        [other, 'approve'],
        [privacy, 'withdraw'],
      ] as const)
        expect(await decide(who, id, how)).toBeGreaterThanOrEqual(400);
      if (!isLifted)
        expect(await decide(admin, await idOf(await propose({ kind: 'lift', hold })), 'approve')).toBe(200);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });

  it.runIf(present)('repeats no lift: after one, the same hold and the same change have ended', async () => {
    const hold = await idOf(await post('/v1/holds', { ...SAID, recordings: [own] }));
    const [first, second] = [
      await idOf(await propose({ kind: 'lift', hold })),
      await idOf(await propose({ kind: 'lift', hold })),
    ];
    expect(await decide(admin, first, 'approve')).toBe(200);
    expect(await decide(admin, second, 'approve')).toBeGreaterThanOrEqual(400);
    const lifts = (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action, object }) => action === 'hold.lifted' && object['id'] === hold,
    );
    expect(lifts).toHaveLength(1);
    expect((await propose({ kind: 'lift', hold })).status).toBe(409);
    expect((await post(`/v1/holds/${hold}/recordings`, { recordings: [own] })).status).toBe(409);
  });

  it.runIf(present)('keeps what a hold covers between an approval and its effect', async () => {
    const recording = await world.deposited(world.harbour, `late-${engine}`, wav(1_000));
    const hold = await idOf(await post('/v1/holds', { ...SAID, recordings: [recording] }));
    expect(await erase(recording)).toBe('held');
    expect(await decide(admin, await idOf(await propose({ kind: 'lift', hold })), 'approve')).toBe(200);
    const placing = post('/v1/holds', { ...SAID, recordings: [recording] });
    const [outcome, reply] = await Promise.all([erase(recording), placing]);
    // One of the two was first, and the other says so.
    if (outcome === 'erased') expect([404, 410]).toContain(reply.status);
    else expect([outcome, reply.status]).toEqual(['held', 201]);
  });

  it.runIf(present)('does not resume by one person, who paused', async () => {
    await setRules(world, world.harbour.tenant, eraseAfter('P10Y'));
    expect((await privacy?.browser.call('POST', '/v1/expiry/pause'))?.status).toBe(200);
    const status = (await (await world.call('GET', '/v1/expiry', { key: key() })).json()) as Body;
    expect(status).toMatchObject({ state: 'paused', by: world.harbour.privacy.id });
    const id = await idOf(await propose({ kind: 'resume' }));
    expect(await decide(privacy, id, 'approve')).toBe(403);
    expect(await decide(other, id, 'approve')).toBe(200);
    // An old approval does not resume what was paused again.
    const [early, late] = [await privacy?.browser.call('POST', '/v1/expiry/pause'), await propose({ kind: 'resume' })];
    expect([early?.status, late.status]).toEqual([200, 201]);
    expect(await decide(other, id, 'approve')).toBeGreaterThanOrEqual(400);
  });
});
