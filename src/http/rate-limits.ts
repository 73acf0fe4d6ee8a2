// Limits on requests that nobody is signed in for, by address, in the memory of this process (docs/decisions/0025).
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sha256 } from '../bytes/digest.ts';
import { hasCode, VaultError } from '../errors.ts';
import { rateLimitKey } from './client-address.ts';

/** Requests in a window of so many seconds; docs/operations/running.md lists them. */
export const LIMITS = {
  /** Challenges to sign in. */
  challenges: { requests: 120, seconds: 60 },
  /** Answers and links that were refused. */
  'sign-ins': { requests: 60, seconds: 60 },
  /** The same of one link. */
  links: { requests: 10, seconds: 60 },
  /** API keys and cookies that were refused. */
  credentials: { requests: 300, seconds: 60 },
  /** The same of one API key. */
  'api-keys': { requests: 30, seconds: 60 },
  /** The console, the document of the API, and unknown paths outside /v1. */
  pages: { requests: 3_000, seconds: 60 },
} as const;

export type LimitName = keyof typeof LIMITS;

/** A window for each limit. */
export type LimitTable = Readonly<Record<LimitName, { readonly requests: number; readonly seconds: number }>>;

/** A limit, and whose part of it is meant within the address: a key's or a link's id. */
export type Limit = { readonly name: LimitName; readonly subject?: string };

/** The limits as one request meets them. */
export type RequestLimits = {
  /** Counts the request. Throws `too_many_requests` where it is one too many. */
  readonly count: (name: LimitName) => Promise<void>;
  /** Throws `too_many_requests` where one of these is used up. */
  readonly requireLeft: (...limits: readonly Limit[]) => Promise<void>;
  /** Counts a refusal to each of these. */
  readonly refused: (...limits: readonly Limit[]) => Promise<void>;
  /**
   * Runs `work` with a credential; where it throws `unauthenticated`, that counts. A credential that was good the last time
   * is not limited: nobody locks its owner out from the same address.
   */
  readonly checked: <T>(credential: string, limits: readonly Limit[], work: () => Promise<T>) => Promise<T>;
  /** The fields RateLimit-Policy and RateLimit of the reply (draft-ietf-httpapi-ratelimit-headers-10). */
  readonly fields: () => Readonly<Record<string, string>>;
};

/** The limits of a request from an address: null for one that did not come over a network, which has none. */
export type Limits = (address: string | null) => RequestLimits;

type WindowState = { readonly remaining: number; readonly milliseconds: number };

/** Credentials that are remembered as good, at most; only their hashes. */
const MAX_REMEMBERED_CREDENTIALS = 10_000;

/** `limited` hears of each refusal. */
export function createRateLimits(
  limited: (name: LimitName) => void = () => undefined,
  table: LimitTable = LIMITS,
): Limits {
  const names = Object.keys(table) as LimitName[];
  const limiters = new Map(
    names.map((name) => {
      const { requests: points, seconds: duration } = table[name];
      return [name, new RateLimiterMemory({ keyPrefix: name, points, duration })] as const;
    }),
  );
  const of = (name: LimitName): RateLimiterMemory => limiters.get(name) as RateLimiterMemory;
  const good = new Map<string, true>();

  const refuse = (name: LimitName, { milliseconds }: WindowState): never => {
    limited(name);
    const retryAfter = Math.max(1, Math.ceil(milliseconds / 1000));
    const what = `too many requests from this address (limit "${name}")`;
    throw new VaultError('too_many_requests', `${what}; try again in ${retryAfter} s`, { retryAfter });
  };

  return (address) => {
    const touched = new Map<LimitName, WindowState>();
    const network = address === null ? null : rateLimitKey(address);
    const add = async ({ name, subject = '' }: Limit): Promise<number> => {
      if (network === null) return 0;
      const found = await of(name).penalty(`${network} ${subject}`);
      touched.set(name, { remaining: found.remainingPoints, milliseconds: found.msBeforeNext });
      return found.consumedPoints;
    };
    const requireLeft: RequestLimits['requireLeft'] = async (...asked) => {
      for (const { name, subject = '' } of asked) {
        const found = network === null ? null : await of(name).get(`${network} ${subject}`);
        if (found === null || found.remainingPoints > 0) continue;
        const state = { remaining: 0, milliseconds: found.msBeforeNext };
        touched.set(name, state);
        refuse(name, state);
      }
    };
    const refused: RequestLimits['refused'] = async (...asked) => {
      for (const limit of asked) await add(limit);
    };
    return {
      requireLeft,
      refused,
      count: async (name) => {
        const state = (await add({ name })) > table[name].requests ? touched.get(name) : undefined;
        if (state !== undefined) refuse(name, state);
      },
      checked: async (credential, asked, work) => {
        const hash = sha256(credential).toString('base64');
        if (!good.has(hash)) await requireLeft(...asked);
        try {
          const done = await work();
          good.delete(hash);
          good.set(hash, true);
          const [oldest] = good.size > MAX_REMEMBERED_CREDENTIALS ? good.keys() : [];
          if (oldest !== undefined) good.delete(oldest);
          return done;
        } catch (error) {
          if (hasCode(error, 'unauthenticated')) {
            good.delete(hash);
            await refused(...asked);
          }
          throw error;
        }
      },
      fields: () => rateLimitHeaders(touched, table),
    };
  };
}

function rateLimitHeaders(touched: ReadonlyMap<LimitName, WindowState>, table: LimitTable): Record<string, string> {
  if (touched.size === 0) return {};
  const policy = [...touched.keys()].map((name) => `"${name}";q=${table[name].requests};w=${table[name].seconds}`);
  const state = [...touched].map(([name, { remaining, milliseconds }]) => {
    return `"${name}";r=${remaining};t=${Math.max(0, Math.ceil(milliseconds / 1000))}`;
  });
  return { 'ratelimit-policy': policy.join(', '), ratelimit: state.join(', ') };
}
