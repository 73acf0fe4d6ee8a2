// One person alone makes no recording go earlier: neither by a correction, nor by what the platform sends after it.
import { describe, expect, it } from 'vitest';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { ENGINES } from '../support/engines.ts';
import { applyToAll, eraseAfter, setRules } from '../support/retention-rules.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const DAY = 86_400_000;
const PATCH = { 'content-type': 'application/merge-patch+json' };
const request = () => ({ signal: AbortSignal.timeout(120_000) });

const SHORT = { id: 'short', name: 'Short', from: 'call', for: 'P2D' } as const;
const RULES: RetentionRules = eraseAfter('P10Y', {
  keep: [
    {
      id: 'loans',
      name: 'Loans',
      law: 'A clause',
      when: { 'field:product': ['loan'] },
      from: 'event:ended',
      for: 'P1M',
    },
  ],
  erase: [
    { ...SHORT, when: { queue: ['short'] } },
    { ...SHORT, id: 'tongue', when: { language: ['fr'] } },
    { ...SHORT, id: 'kind', when: { basis: ['legitimate-interest'] } },
    { ...SHORT, id: 'way', when: { direction: ['internal'] } },
    { ...SHORT, id: 'plain', when: { sensitivity: ['sensitive'] } },
    { ...SHORT, id: 'product', when: { 'field:product': ['toy'] } },
    { ...SHORT, id: 'closed', when: { 'field:product': ['loan'] }, from: 'event:ended' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P10Y' },
  ],
});

describe.each(ENGINES)('on $engine, one person alone $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const tenant = () => world.harbour.tenant;
  const row = async (id: string) => {
    const found = await world.vault.db.read(({ recordings }) => recordings.find(tenant(), id), request());
    return found ?? expect.fail('there is the recording');
  };
  const deposit = (name: string, headers: Readonly<Record<string, string>> = {}) =>
    world.deposited(world.harbour, name, wav(1_000), {
      'vault-meta-started-at': new Date(world.vault.clock.now() - 40 * DAY).toISOString(),
      ...headers,
    });
  const amend = async (name: string, json: object): Promise<void> => {
    const { key } = world.harbour.uploader;
    const reply = await world.call('PATCH', `/v1/ingest/pbx/${name}`, { key, json, headers: PATCH });
    expect(reply.status, await reply.clone().text()).toBe(200);
  };
  const correct = async (id: string, json: object, key = world.harbour.privacy.key): Promise<void> => {
    const read = await world.call('GET', `/v1/recordings/${id}`, { key });
    const headers = { ...PATCH, 'if-match': read.headers.get('etag') ?? '' };
    const reply = await world.call('PATCH', `/v1/recordings/${id}`, {
      key,
      json: { reason: 'as it was', ...json },
      headers,
    });
    expect(reply.status, await reply.clone().text()).toBe(200);
  };

  it.runIf(present)('before the rules were brought to a recording, changes none of what they say', async () => {
    const [corrected, amended, left] = [
      await deposit('before-1'),
      await deposit('before-2'),
      await deposit('before-3'),
    ];
    await setRules(world, tenant(), RULES);
    await correct(corrected, { ticket: 'T-1' });
    await amend('before-2', { wrap_up: 'sold' });
    await applyToAll(world);
    const due = (await row(left)).eraseAfter;
    expect(due).toMatch(/^20/);
    expect([(await row(corrected)).eraseAfter, (await row(amended)).eraseAfter]).toEqual([due, due]);
  });

  const CORRECTIONS: Readonly<Record<string, object>> = {
    queue: { queue: 'short' },
    language: { language: 'fr' },
    basis: { basis: { kind: 'legitimate-interest', evidence: 'a letter' } },
    direction: { direction: 'internal' },
    sensitivity: { sensitivity: 'sensitive' },
    field: { fields: { product: 'toy' } },
    event: { fields: { product: 'loan' }, events: { ended: '2020-01-01T00:00:00Z' } },
  };
  it.runIf(present).each(Object.entries(CORRECTIONS))(
    'corrects the %s, and the recording stays, also after the platform sends more',
    async (name, patch) => {
      const id = await deposit(`corrected-${name}`);
      const { eraseAfter: before } = await row(id);
      expect(before).toMatch(/^203/);
      await correct(id, patch);
      expect((await row(id)).eraseAfter).toBe(before);
      await amend(`corrected-${name}`, { wrap_up: 'sold' });
      expect((await row(id)).eraseAfter).toBe(before);
      await amend(`corrected-${name}`, { fields: { colour: 'red' }, events: { answered: '2026-01-01T00:00:00Z' } });
      expect((await row(id)).eraseAfter).toBe(before);
    },
  );

  it.runIf(present)('corrects a recording, and the platform reports what makes it due earlier still', async () => {
    const id = await deposit('reported-after');
    const { eraseAfter: before } = await row(id);
    await correct(id, { fields: { product: 'loan' } }, world.harbour.supervisor.key);
    expect(await row(id)).toMatchObject({ eraseAfter: null });
    await correct(id, { fields: { product: 'other' } }, world.harbour.supervisor.key);
    await correct(id, { queue: 'short' }, world.harbour.supervisor.key);
    await amend('reported-after', { started_at: '2020-01-01T00:00:00Z', sensitivity: 'sensitive' });
    expect((await row(id)).eraseAfter).toBe(null);
    expect(before).toMatch(/^203/);
  });

  it.runIf(present)(
    'sends a call again with other facts, or describes it before and after, and the minimum stays',
    async () => {
      const held = { 'vault-meta-field-product': 'loan', 'vault-meta-events': '' };
      delete (held as Record<string, string>)['vault-meta-events'];
      const { key } = world.harbour.uploader;
      const sent = { key, type: 'audio/wav', body: wav(1_000) };
      const id = await deposit('again', { 'vault-meta-field-product': 'loan' });
      await amend('again', { events: { ended: new Date(world.vault.clock.now()).toISOString() } });
      const { keepUntil } = await row(id);
      expect(keepUntil).toMatch(/^20/);
      for (const headers of [{ 'vault-meta-field-product': 'toy' }, { 'vault-meta-queue': 'short' }, {}]) {
        const reply = await world.call('PUT', '/v1/ingest/pbx/again', { ...sent, headers });
        expect(reply.status).toBeLessThan(500);
        const other = { ...sent, body: wav(1_200), headers };
        expect((await world.call('PUT', '/v1/ingest/pbx/again', other)).status).toBeLessThan(500);
        expect((await row(id)).keepUntil).toBe(keepUntil);
      }
      for (const json of [
        { fields: { product: 'toy' } },
        { fields: { product: null } },
        { events: { ended: '2020-01-01T00:00:00Z' } },
        { events: { ended: null } },
        { events: null, fields: null },
        { retain_until: '2020-01-01T00:00:00Z' },
        {
          events: { ended: '2020-01-01T00:00:00Z' },
          as_of: new Date(world.vault.clock.now() + 3_600_000).toISOString(),
        },
        { events: { ended: '2020-01-01T00:00:00+14:00' } },
      ])
        await amend('again', json);
      const after = await row(id);
      expect((after.keepUntil ?? '') >= (keepUntil ?? ''), `${after.keepUntil}`).toBe(true);
      expect((after.eraseAfter ?? '9') >= (keepUntil ?? '')).toBe(true);
    },
  );

  it.runIf(present)('describes a call that is expected with less to keep, and the minimum stays', async () => {
    const { key } = world.harbour.uploader;
    const describeCall = async (more: object): Promise<string> => {
      const json = { source: 'pbx', call_id: 'expected', ...more };
      const reply = await world.call('POST', '/v1/recordings', { key, json });
      expect([200, 201], await reply.clone().text()).toContain(reply.status);
      return ((await reply.json()) as { recording: string }).recording;
    };
    const ended = new Date(world.vault.clock.now()).toISOString();
    const id = await describeCall({ fields: { product: 'loan' } });
    await amend('expected', { events: { ended } });
    const { keepUntil } = await row(id);
    expect(keepUntil).toMatch(/^20/);
    await describeCall({ fields: { product: 'toy' }, queue: 'short' });
    await amend('expected', { events: { ended: '2020-01-01T00:00:00Z' }, fields: { product: 'toy' } });
    expect((await row(id)).keepUntil).toBe(keepUntil);
    await world.deposited(world.harbour, 'expected', wav(1_000), { 'vault-meta-queue': 'short' });
    expect((await row(id)).keepUntil).toBe(keepUntil);
  });

  it.runIf(present)('makes none go earlier that waits for an event, by reporting the event', async () => {
    const id = await deposit('waiting', { 'vault-meta-field-product': 'loan' });
    expect(await row(id)).toMatchObject({ eraseAfter: null });
    await correct(id, { events: { ended: '2020-01-01T00:00:00Z' } });
    await amend('waiting', { wrap_up: 'sold' });
    expect(await row(id)).toMatchObject({ eraseAfter: null });
  });

  it.runIf(present)('is not in the way of what the platform reports, and of what two people agree', async () => {
    const id = await deposit('reported', { 'vault-meta-field-product': 'loan' });
    await amend('reported', { events: { ended: '2020-01-01T00:00:00Z' } });
    const due = (await row(id)).eraseAfter ?? '';
    expect(Date.parse(due) - world.vault.clock.now()).toBeLessThan(3 * DAY);
    const held = await deposit('held');
    await correct(held, { queue: 'short' });
    await setRules(world, tenant(), { ...RULES, grace: 'P2D' });
    await applyToAll(world);
    expect(Date.parse((await row(held)).eraseAfter ?? '') - world.vault.clock.now()).toBeLessThan(4 * DAY);
  });
});
