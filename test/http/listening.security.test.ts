// Ended sessions serve nothing more: neither new requests nor streams in progress.
import { afterEach, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { type Cast, makeWorld, type World } from '../support/world.ts';
import { expectProblem, type Problem } from './problem.ts';

let world: World;
let harbour: Cast;
afterEach(() => world.end());

/** A world with a recording of this size, a grant and a session. */
async function begin(size: number, wish: Readonly<Record<string, unknown>> = {}, paced = true) {
  world = await makeWorld({ paced });
  harbour = world.harbour;
  const recording = await world.deposited(harbour, 'call', wav(size - 44));
  const grant = await world.grant(harbour, recording, wish);
  const session = await world.session(harbour, grant);
  return { recording, grant, session, media: `/v1/sessions/${session}/media` };
}

const codes = ({ checks = [] }: Problem) => checks.filter(({ ok }) => ok === false).map(({ code }) => code);
const hear = (path: string, headers = {}) => world.call('GET', path, { key: harbour.reviewer.key, headers });

async function expectEnded(path: string, ...said: readonly string[]): Promise<void> {
  for (const headers of [{}, { range: 'bytes=0-9' }, { range: 'bytes=0-0,2-2' }]) {
    expect(codes(await expectProblem(await hear(path, headers), 403, 'session_ended'))).toEqual(said);
  }
  const { checks = [] } = await expectProblem(await hear(path), 403, 'session_ended');
  const failed = checks.findIndex(({ ok }) => ok !== true);
  // The same rule as the checks of /access: a passed one has no code, and none after the first failure was reached.
  expect(checks.slice(0, failed).filter(({ ok, code }) => ok !== true || code !== undefined)).toEqual([]);
  expect(checks.slice(failed + 1).filter(({ ok, code }) => ok !== null || code !== undefined)).toEqual([]);
  const text = path.replace('media', 'transcripts/en');
  expect(codes(await expectProblem(await hear(text), 403, 'session_ended'))).toEqual(said);
}

/** Reads a stream until it ends or fails; runs `meanwhile` after its first bytes. */
async function drain(body: ReadableStream<Uint8Array> | null, meanwhile: () => Promise<void>) {
  if (body === null) throw new Error('a reply without body');
  const reader = body.getReader();
  let bytes = (await reader.read()).value?.length ?? 0;
  await meanwhile();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.length;
    return { bytes, clean: true };
  } catch {
    return { bytes, clean: false };
  }
}

const SIZE = 20_000_000;

describe('a stream of a long recording', () => {
  it('is cut within one piece after revocation, without a clean end', async () => {
    const { grant, media } = await begin(SIZE);
    const revoke = async () => {
      expect((await world.call('POST', `/v1/grants/${grant}/revoke`, { key: harbour.supervisor.key })).status).toBe(
        200,
      );
    };
    const heard = await drain((await hear(media)).body, revoke);
    expect(heard.clean).toBe(false);
    expect(heard.bytes).toBeLessThan(2 * 480_100);
    await expectEnded(media, 'session_revoked');
  });

  it('closes the connection of a real client, too', async () => {
    const { grant, media } = await begin(SIZE);
    const { url } = await world.listen();
    const reply = await fetch(`${url}${media}`, { headers: { authorization: `Bearer ${harbour.reviewer.key}` } });
    expect(reply.headers.get('content-length')).toBe(String(SIZE));
    const heard = await drain(reply.body, async () => {
      await world.call('POST', `/v1/grants/${grant}/revoke`, { key: harbour.privacy.key });
    });
    expect(heard.clean).toBe(false);
    expect(heard.bytes).toBeLessThan(SIZE);
  });

  it.each<[string, (ids: { recording: string; session: string }) => unknown]>([
    [
      'the session is closed',
      ({ session }) => world.call('DELETE', `/v1/sessions/${session}`, { key: harbour.reviewer.key }),
    ],
    ['the grant runs out', () => world.forward(16 * 60_000)],
    ['the person is off', () => off('principal', 'OFF', harbour.reviewer.id)],
    ['the tenant is suspended', () => off('tenant', 'SUSPENDED', harbour.tenant)],
    [
      'the recording is quarantined',
      ({ recording }) => {
        world.sql.prepare("update recording set quarantine = 'integrity' where id = ?").run(recording);
      },
    ],
  ])('is cut when %s', async (_name, end) => {
    const ids = await begin(2_000_000);
    const heard = await drain((await hear(ids.media)).body, async () => void (await end(ids)));
    expect(heard.clean).toBe(false);
    expect(heard.bytes).toBeLessThan(2 * 480_100);
  });

  it('that fails in its last bytes is not padded to its length', async () => {
    // Two pieces of 480,019 bytes and one of 16: shorter than any error text of a server.
    const { media } = await begin(960_054, {}, false);
    const third = 'before update on session when new.ranges = 3';
    world.sql.exec(`create trigger third ${third} begin select raise(abort, 'third'); end`);
    const { url } = await world.listen();
    const reply = await fetch(`${url}${media}`, { headers: { authorization: `Bearer ${harbour.reviewer.key}` } });
    expect(reply.status).toBe(200);
    const heard = await drain(reply.body, () => Promise.resolve());
    expect(heard.clean).toBe(false);
    expect(heard.bytes).toBeLessThanOrEqual(960_038);
  });

  it('with a changed stored byte is cut before that byte', async () => {
    const { media } = await begin(2_000_000);
    await world.spoil(1_000_000);
    const heard = await drain((await hear(media)).body, () => Promise.resolve());
    expect(heard.clean).toBe(false);
    expect(heard.bytes).toBeLessThan(1_000_000);
    await expectProblem(await hear(media, { range: 'bytes=990000-990010' }), 500, 'integrity');
  });

  it('whose row names another length after the first range is not served', async () => {
    const { media, recording } = await begin(2_000_000);
    const range = { range: 'bytes=0-9' };
    expect((await hear(media, range)).status).toBe(206);
    const resize = world.sql.prepare(
      'update object set size = size + ? where deposit in (select id from deposit where recording = ?)',
    );
    resize.run(-16_384, recording);
    await expectProblem(await hear(media, range), 500, 'integrity');
    resize.run(16_384, recording);
    expect((await hear(media, range)).status).toBe(206);
  });
});

function off(table: string, state: string, id: string): void {
  world.sql.prepare(`update ${table} set state = ? where ${table === 'tenant' ? 'tenant' : 'id'} = ?`).run(state, id);
}

describe('the pace of a session', () => {
  it('limits closed ranges to a piece at once and four times real time, then returns too_fast', async () => {
    const { media } = await begin(SIZE);
    const start = performance.now();
    // A piece is 480,000 bytes: 30 seconds.
    const ranges = Array.from({ length: 8 }, (_, n) => ({ range: `bytes=${n * 480_000}-${(n + 1) * 480_000 - 1}` }));
    const replies = await Promise.all(ranges.map((range) => hear(media, range)));
    const seconds = (performance.now() - start) / 1000;
    let bytes = 0;
    for (const reply of replies.filter(({ status }) => status === 206)) bytes += (await reply.arrayBuffer()).byteLength;
    expect(bytes).toBeGreaterThanOrEqual(480_000);
    expect(bytes).toBeLessThanOrEqual((30 + 4 * seconds) * 16_000 + 1_000);
    const refused = replies.filter(({ status }) => status !== 206);
    expect(refused.length).toBeGreaterThan(0);
    for (const reply of refused) {
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(10);
      await expectProblem(reply, 429, 'too_fast');
    }
  });

  it('is shared by all of its replies, and served bytes are counted', async () => {
    const { session, media } = await begin(SIZE);
    const start = performance.now();
    const bodies = await Promise.all([hear(media), hear(media), hear(media, { range: 'bytes=1000000-' })]);
    const readers = bodies.map(({ body }) => body?.getReader());
    let bytes = 0;
    const all = readers.map(async (reader) => {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
        bytes += next.value.length;
    });
    const ended = Promise.allSettled(all);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const seconds = (performance.now() - start) / 1000;
    const now = bytes;
    expect(now).toBeLessThanOrEqual((30 + 4 * seconds) * 16_000 + 1_000);
    expect(now).toBeGreaterThan(30 * 16_000 - 1_000);
    await world.call('DELETE', `/v1/sessions/${session}`, { key: harbour.reviewer.key });
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    const counted = world.sql.prepare('select bytes from session where id = ?').pluck().get(session) as number;
    expect(counted).toBeGreaterThanOrEqual(bytes);
    // At most a slice of each reply was counted but not sent.
    expect(counted - bytes).toBeLessThanOrEqual(3 * 9 * 16_000);
  });

  it('cuts a paced reply when the server shuts down', async () => {
    const { media } = await begin(SIZE);
    const heard = await drain((await hear(media)).body, async () => world.vault.mediaBudgets.end());
    expect(heard).toMatchObject({ clean: false });
    expect(heard.bytes).toBeLessThan(2 * 480_100);
  });
});

describe('a session', () => {
  it('that was closed stays closed', async () => {
    const { session, media } = await begin(1000);
    const end = () => world.call('DELETE', `/v1/sessions/${session}`, { key: harbour.reviewer.key });
    expect((await end()).headers.get('vault-audit')).not.toBeNull();
    await expectEnded(media, 'session_closed');
    await expectProblem(await end(), 403, 'session_ended');
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
  });

  it('ends with its grant', async () => {
    const { media } = await begin(1000, { minutes: 1 });
    expect((await hear(media)).status).toBe(200);
    world.forward(61_000);
    await expectEnded(media, 'session_expired');
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
  });

  it('continues with a used-up grant, but not for a person without the role', async () => {
    const { grant, media } = await begin(1000);
    await world.session(harbour, grant);
    await world.session(harbour, grant);
    expect((await hear(media)).status).toBe(200);
    world.sql.prepare("update principal set roles = 'auditor' where id = ?").run(harbour.reviewer.id);
    await world.reseal();
    await expectProblem(await hear(media), 403, 'forbidden');
  });

  it('serves only the objects of its grant', async () => {
    const { media } = await begin(1000, { objects: ['transcript'] });
    await expectProblem(await hear(media), 403, 'access_refused');
    await expectProblem(await hear(media.replace('media', 'transcripts/en')), 404, 'not_found');
    await expectProblem(await hear(media.replace('media', 'transcripts/..%2f..%2faudio')), 404, 'not_found');
  });
});
