// Limits on requests without a valid credential: by address, before any row is read, without locking others out.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { LIMITS, type LimitName, type LimitTable } from '../../src/http/rate-limits.ts';
import { createSignInLink } from '../support/browser.ts';
import { makeWorld, URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

/** The usual limits with windows longer than the test on a slow machine, and fewer pages. */
const TABLE = Object.fromEntries(
  (Object.keys(LIMITS) as LimitName[]).map((name) => {
    return [name, { requests: Math.min(300, LIMITS[name].requests), seconds: 3_600 }];
  }),
) as LimitTable;
const PROXIES = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'];

const world = sharedWorld({ trustedProxies: PROXIES, limits: TABLE, limited: (name) => limited.push(name) });
let url: string;
const limited: string[] = [];
beforeAll(async () => {
  ({ url } = await world.listen());
});

let host = 0;
/** A new address for each test. */
const someAddress = (): string => `192.0.2.${++host}`;

/** A request that a trusted proxy passes on for an address. */
function from(address: string, method: string, path: string, headers: Record<string, string> = {}, json?: unknown) {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const sent = { 'x-forwarded-for': address, 'sec-fetch-site': 'same-origin', ...type, ...headers };
  return fetch(`${url}${path}`, { method, headers: sent, ...body });
}

const askFrom = (address: string) => from(address, 'POST', '/v1/sign-in/passkey/options');
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** A well-formed secret of a key; `of` names the key. */
const wrongSecret = (of: string): string => `cv_${of.slice(4)}_${'A'.repeat(43)}`;
const idOf = (key: string): string => `key_${key.slice(3, 29)}`;

/** Sends until a reply is 429 and returns it with the number of earlier replies; at most `most`. */
async function untilLimited(send: (n: number) => Promise<Response>, most: number) {
  for (let answered = 0; answered < most; answered++) {
    const reply = await send(answered);
    if (reply.status === 429) return { answered, reply };
    await reply.arrayBuffer();
  }
  throw new Error(`no limit within ${most} requests`);
}

/** Counts the calls of the database while `work` runs. */
async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const db = world.vault.db as Record<'read' | 'note' | 'change', (...given: never[]) => Promise<unknown>>;
  const { read, note, change } = db;
  let calls = 0;
  for (const [name, real] of Object.entries({ read, note, change })) {
    db[name as 'read'] = (...given) => {
      calls += 1;
      return real(...given);
    };
  }
  try {
    await work();
  } finally {
    Object.assign(db, { read, note, change });
  }
  return calls;
}

describe('sign-in challenges', () => {
  it('are limited by address, with RateLimit and Retry-After, without affecting others', async () => {
    const address = someAddress();
    const first = await askFrom(address);
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"challenges";q=120;w=3600');
    expect(first.headers.get('ratelimit')).toMatch(/^"challenges";r=119;t=\d+$/);
    const { answered, reply } = await untilLimited(() => askFrom(address), 200);
    expect(answered).toBe(LIMITS.challenges.requests - 1);
    const wait = Number(reply.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(60);
    expect(wait).toBeLessThanOrEqual(3_600);
    expect(reply.headers.get('ratelimit')).toMatch(/^"challenges";r=0;t=\d+$/);
    const problem = await expectProblem(reply, 429, 'too_many_requests');
    expect(problem).toMatchObject({ retryable: true });
    expect(JSON.stringify(problem)).not.toContain(address);
    expect(limited).toContain('challenges');
    expect((await askFrom(someAddress())).status).toBe(200);
  });

  it('read no row, limited or not', async () => {
    const address = someAddress();
    await askFrom(address);
    expect(await callsOf(() => askFrom(address))).toBe(0);
    await untilLimited(() => askFrom(address), 200);
    expect(await callsOf(() => askFrom(address))).toBe(0);
  });
});

describe('rejected answers', () => {
  it('are limited before any row is read; a person at another address signs in', async () => {
    const address = someAddress();
    const unknown = `cvl_${'0'.repeat(26)}_${'A'.repeat(43)}`;
    const tried = (n: number) => {
      const response = createAuthenticator(URL_OF_WORLD).prove({ challenge: 'AAAA', rpId: 'vault.example' });
      return n % 2 === 0
        ? from(
            address,
            'POST',
            '/v1/sign-in/link',
            {},
            { secret: `cvl_${String(n).padStart(26, '0')}${unknown.slice(30)}` },
          )
        : from(address, 'POST', '/v1/sign-in/passkey', {}, { challenge_id: 'A'.repeat(72), response });
    };
    const { answered, reply } = await untilLimited(tried, 100);
    expect(answered).toBe(LIMITS['sign-ins'].requests);
    await expectProblem(reply, 429, 'too_many_requests');
    expect(await callsOf(() => tried(0))).toBe(0);
    const { id } = await world.person(world.harbour.tenant, ['reviewer']);
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    expect((await from(address, 'POST', '/v1/sign-in/link', {}, { secret })).status).toBe(429);
    expect((await from(someAddress(), 'POST', '/v1/sign-in/link', {}, { secret })).status).toBe(200);
  });

  it('of one link are limited sooner, and only at their address', async () => {
    const { id } = await world.person(world.harbour.tenant, ['reviewer']);
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    const wrong = `${secret.slice(0, -43)}${'A'.repeat(43)}`;
    const address = someAddress();
    const tried = () => from(address, 'POST', '/v1/sign-in/link', {}, { secret: wrong });
    const { answered } = await untilLimited(tried, 60);
    expect(answered).toBe(LIMITS.links.requests);
    expect((await from(someAddress(), 'POST', '/v1/sign-in/link', {}, { secret })).status).toBe(200);
  });
});

describe('rejected credentials', () => {
  it('of one API key are limited before any row is read, and its owner elsewhere is not locked out', async () => {
    const { key } = world.harbour.auditor;
    const address = someAddress();
    const tried = () => from(address, 'GET', '/v1/me', bearer(wrongSecret(idOf(key))));
    const { answered, reply } = await untilLimited(tried, 60);
    expect(answered).toBe(LIMITS['api-keys'].requests);
    await expectProblem(reply, 429, 'too_many_requests');
    expect(await callsOf(tried)).toBe(0);
    expect((await from(someAddress(), 'GET', '/v1/me', bearer(key))).status).toBe(200);
    // Another key at the same address has a separate count.
    expect((await from(address, 'GET', '/v1/me', bearer(world.harbour.privacy.key))).status).toBe(200);
  });

  it('of many keys and cookies are limited by address; valid ones there keep working', async () => {
    const address = someAddress();
    const { key } = world.harbour.reviewer;
    expect((await from(address, 'GET', '/v1/me', bearer(key))).status).toBe(200);
    const tried = (n: number) =>
      n % 2 === 0
        ? from(address, 'GET', '/v1/me', bearer(wrongSecret(`key_${String(n).padStart(26, '0')}`)))
        : from(address, 'GET', '/v1/me', { cookie: `__Host-callvault=cvs_${'0'.repeat(26)}_${'A'.repeat(43)}` });
    const { answered } = await untilLimited(tried, 400);
    expect(answered).toBe(LIMITS.credentials.requests);
    expect(await callsOf(() => tried(0))).toBe(0);
    expect((await from(address, 'GET', '/v1/me', bearer(key))).status).toBe(200);
    expect((await from(address, 'GET', '/v1/me', bearer(world.harbour.colleague.key))).status).toBe(429);
  });

  it('get the same replies whether the key exists or not, up to the limit and beyond', async () => {
    const seen = [];
    for (const of of [idOf(world.harbour.admin.key), `key_${'1'.repeat(26)}`]) {
      const address = someAddress();
      const statuses = [];
      for (let n = 0; n < LIMITS['api-keys'].requests + 2; n++) {
        const reply = await from(address, 'GET', '/v1/me', bearer(wrongSecret(of)));
        statuses.push([reply.status, reply.headers.get('ratelimit')?.replace(/t=\d+/g, 't')]);
        await reply.arrayBuffer();
      }
      seen.push(statuses);
    }
    expect(seen[0]).toEqual(seen[1]);
  });
});

describe('the console and the document', () => {
  it('are limited by address, and health is not', async () => {
    const address = someAddress();
    const { answered } = await untilLimited(() => from(address, 'GET', '/openapi.json'), 400);
    expect(answered).toBe(TABLE.pages.requests);
    expect((await from(address, 'GET', '/healthz')).status).toBe(200);
    expect((await from(someAddress(), 'GET', '/openapi.json')).status).toBe(200);
  });
});

describe('the client address', () => {
  const counted = async (forwarded: string) => {
    const reply = await askFrom(forwarded);
    await reply.arrayBuffer();
    return Number(/;r=(\d+)/.exec(reply.headers.get('ratelimit') ?? '')?.[1]);
  };

  it('is the right-most one not of a trusted proxy: a client cannot choose it', async () => {
    const address = someAddress();
    const first = await counted(address);
    const others = [
      `198.51.100.1, ${address}`,
      `198.51.100.2, ${address}, 10.1.2.3`,
      `${address}:4711`,
      `x, ${address}`,
    ];
    for (const [n, forwarded] of others.entries()) expect(await counted(forwarded)).toBe(first - n - 1);
  });

  it('of IPv6 is counted by network', async () => {
    const first = await counted('2001:db8:1:2::1');
    expect(await counted('[2001:db8:1:2:ffff::2]:443')).toBe(first - 1);
    expect(await counted('2001:db8:1:3::1')).toBe(first);
    // The same IPv4 address, written as IPv6.
    const address = someAddress();
    const again = await counted(address);
    expect(await counted(`::ffff:${address}`)).toBe(again - 1);
  });

  it('is the last trusted proxy’s if that reports no valid address', async () => {
    const first = await counted('10.9.9.9');
    expect(await counted('unknown, 10.9.9.9')).toBe(first - 1);
    expect(await counted('0x7f.1, 10.9.9.9')).toBe(first - 2);
  });

  it('is the peer’s if the peer is not a trusted proxy, whatever the header says', async () => {
    const direct = await makeWorld({ limits: TABLE });
    try {
      const at = await direct.listen();
      const ask = (address: string) =>
        fetch(`${at.url}/v1/sign-in/passkey/options`, { method: 'POST', headers: { 'x-forwarded-for': address } });
      const { answered } = await untilLimited((n) => ask(`198.51.100.${n}`), 200);
      expect(answered).toBe(LIMITS.challenges.requests);
    } finally {
      await direct.end();
    }
  });
});

describe('the table of limits', () => {
  it('equals the one in the operators’ documentation', () => {
    const page = readFileSync(new URL('../../docs/operations/running.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| [^|]+ \| (\d+) \| (\d+) \|$/gm)];
    const written = rows.map(([, name, requests, seconds]) => [name, Number(requests), Number(seconds)]);
    expect(written).toEqual(Object.entries(LIMITS).map(([name, { requests, seconds }]) => [name, requests, seconds]));
  });
});
