// Queries of retention: versions of the rules, starter packs, and the state of expiry.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  ExpiryBody,
  OneRulesVersionBody,
  Page,
  RetentionEffectsBody,
  RetentionPackBody,
  RulesVersionBody,
} from '../../http/reply-types.ts';
import { fetchJson } from '../api/client.ts';
import type { Rules } from './rules.ts';

export type RulesVersion = RulesVersionBody;
export type OneRulesVersion = Omit<OneRulesVersionBody, 'rules'> & { readonly rules: Rules };
export type RetentionPack = Omit<RetentionPackBody, 'rules'> & { readonly rules: Rules };
export type RetentionPreview = RetentionEffectsBody['preview'];
/** What rules would do instead of those in force. */
export type RetentionEffects = Omit<RetentionEffectsBody, 'was' | 'set'> & {
  readonly was: Rules | null;
  readonly set: Rules;
};

/** All versions, newest first. */
export const rulesPages = infiniteQueryOptions({
  queryKey: ['retention', 'all'],
  queryFn: ({ signal, pageParam: cursor }) =>
    fetchJson<Page<RulesVersion>>('GET', '/v1/retention', { query: { cursor, limit: 50 }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next_cursor }) => next_cursor,
});

/** One version, whole: it never changes, except that another one comes into force. */
export function rulesQuery(id: string) {
  return queryOptions({
    queryKey: ['retention', id],
    queryFn: ({ signal }) => fetchJson<OneRulesVersion>('GET', `/v1/retention/${id}`, { signal }),
  });
}

/** Starter packs, in the language of the console. */
export function packsQuery(language: string) {
  return queryOptions({
    queryKey: ['retention', 'packs', language],
    queryFn: ({ signal }) => fetchJson<Page<RetentionPack>>('GET', '/v1/retention/packs', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const POLL_MS = 30_000;

export const expiryQuery = queryOptions({
  queryKey: ['expiry'],
  queryFn: ({ signal }) => fetchJson<ExpiryBody>('GET', '/v1/expiry', { signal }),
  refetchInterval: POLL_MS,
});
