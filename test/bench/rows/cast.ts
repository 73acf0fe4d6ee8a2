// Who the seeded rows belong to: a tenant, its people, and the values that calls draw from.

import type { LogIdentity } from '../../../src/adapters/sql/log.ts';
import type { SecretKey } from '../../../src/envelope/secret-key.ts';
import type { Tenant } from '../../../src/model/tenant.ts';
import type { Random } from './random.ts';

export type SeedCast = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly identity: LogIdentity;
  readonly policy: string;
  readonly uploader: string;
  readonly reviewers: readonly string[];
  readonly supervisors: readonly string[];
  /** When the last call was stored, in milliseconds; the first was 18 months before. */
  readonly until: number;
  readonly recordings: number;
};

export const QUEUES = 60;
export const AGENTS = 200;
const LINES = 20;
export const SPAN_MS = 548 * 86_400_000;

/** Few languages have most of the calls; the last have one in thousands. */
const LANGUAGES = 'en-GB zh-CN de pl ro pt es ar ur bn pa gu ta tr ru fa hi it fr cy'.split(' ');

export const queueName = (n: number): string => `Queue ${String(n).padStart(2, '0')}`;
export const agentName = (n: number): string => `Agent ${String(n).padStart(3, '0')}`;
/** A caller's number. */
export const callerNumber = (n: number): string => `+4420${String(70_000_000 + n)}`;
/** A number of the tenant's own: many calls have it. */
export const lineNumber = (n: number): string => `+44161496${String(1000 + n)}`;

/** A call's values in clear. */
export type SeededCall = {
  readonly startedAt: number;
  readonly stored: number;
  readonly durationMs: number | null;
  readonly direction: string | null;
  readonly language: string;
  readonly queue: string;
  readonly agent: string;
  readonly numbers: { readonly from: string; readonly to: string };
  readonly ticket: string | null;
};

/** Draws the values of the call at this place among all. */
export function drawCall({ until, recordings }: SeedCast, n: number, { next, below }: Random): SeededCall {
  const startedAt = Math.floor(until - SPAN_MS + (SPAN_MS * (n + next() * 0.5)) / recordings - 10_800_000);
  const durationMs = next() < 0.02 ? null : Math.min(7_200_000, Math.floor(-Math.log(1 - next()) * 240_000) + 1_000);
  // One in twenty calls is delivered days late, unless that were in the future.
  const late = next() < 0.05 ? below(3 * 86_400_000) : 5_000;
  const stored = Math.min(until, startedAt + (durationMs ?? 60_000) + late);
  const queue = Math.floor(QUEUES * next() ** 2);
  const agent = (queue * 3 + below(20)) % AGENTS;
  const way = next();
  const direction = way < 0.6 ? 'inbound' : way < 0.95 ? 'outbound' : way < 0.999 ? 'internal' : null;
  const tongue = next();
  const language =
    LANGUAGES[tongue < 0.7 ? 0 : tongue < 0.9 ? 1 : 2 + Math.floor((LANGUAGES.length - 2) * next() ** 3)] ?? 'en-GB';
  const caller = callerNumber(below(Math.max(10, Math.floor(recordings / 4))));
  const line = lineNumber(below(LINES));
  return {
    startedAt,
    stored,
    durationMs,
    direction,
    language,
    queue: queueName(queue),
    agent: agentName(agent),
    numbers: direction === 'outbound' ? { from: line, to: caller } : { from: caller, to: line },
    ticket: next() < 0.2 ? `T-${below(recordings)}` : null,
  };
}
