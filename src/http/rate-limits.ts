// Limits by address on requests without a valid credential, in the memory of this process (docs/decisions/0025).
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sha256 } from '../bytes/digest.ts';
import { hasCode, VaultError } from '../errors.ts';
import { rateLimitKey } from './client-address.ts';

/** Requests per window in seconds; docs/operations/running.md lists them. */
export const LIMITS = {
  /** Sign-in challenges. */
  challenges: { requests: 120, seconds: 60 },
  /** Rejected passkey answers and links. */
  'sign-ins': { requests: 60, seconds: 60 },
  /** The same per link. */
  links: { requests: 10, seconds: 60 },
  /** Rejected API keys and cookies. */
  credentials: { requests: 300, seconds: 60 },
  /** The same per API key. */
  'api-keys': { requests: 30, seconds: 60 },
  /** The console, the API document, and unknown paths outside /v1. */
  pages: { requests: 3_000, seconds: 60 },
} as const;

export type LimitName = keyof typeof LIMITS;

/** A window for each limit. */
export type LimitTable = Readonly<Record<LimitName, { readonly requests: number; readonly seconds: number }>>;

/** A limit, and the id of a key or link that it counts separately within the address. */
export type Limit = { readonly name: LimitName; readonly subject?: string };

/** The limits for one request. */
export type RequestLimits = {
  /** Counts the request. Throws `too_many_requests` where it exceeds the limit. */
  readonly count: (name: LimitName) => Promise<void>;
  /** Throws `too_many_requests` where one of these limits is exhausted. */
  readonly requireLeft: (...limits: readonly Limit[]) => Promise<void>;
  /** Counts a rejection to each of these limits. */
  readonly refused: (...limits: readonly Limit[]) => Promise<void>;
  /**
   * Runs `work` with a credential and counts it where it throws `unauthenticated`. A credential that was valid last time
   * is not limited: an attacker behind the same address cannot lock its owner out.
   */
  readonly checked: <T>(credential: string, limits: readonly Limit[], work: () => Promise<T>) => Promise<T>;
  /** The fields RateLimit-Policy and RateLimit of the reply (draft-ietf-httpapi-ratelimit-headers-10). */
  readonly fields: () => Readonly<Record<string, string>>;
};

/** The limits for a request from an address; null, for one that did not come over a network, has none. */
export type Limits = (address: string | null) => RequestLimits;

type WindowState = { readonly remaining: number; readonly milliseconds: number };

/** Maximum number of remembered valid credentials; only their hashes are stored. */
const MAX_REMEMBERED_CREDENTIALS = 10_000;

/** `limited` is called for each rejection. */
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
    const requireLeft: RequestLimits['requireLeft'] = async (...limits) => {
      for (const { name, subject = '' } of limits) {
        const found = network === null ? null : await of(name).get(`${network} ${subject}`);
        if (found === null || found.remainingPoints > 0) continue;
        const state = { remaining: 0, milliseconds: found.msBeforeNext };
        touched.set(name, state);
        refuse(name, state);
      }
    };
    const refused: RequestLimits['refused'] = async (...limits) => {
      for (const limit of limits) await add(limit);
    };
    return {
      requireLeft,
      refused,
      count: async (name) => {
        const state = (await add({ name })) > table[name].requests ? touched.get(name) : undefined;
        if (state !== undefined) refuse(name, state);
      },
      checked: async (credential, limits, work) => {
        const hash = sha256(credential).toString('base64');
        if (!good.has(hash)) await requireLeft(...limits);
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
            await refused(...limits);
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
