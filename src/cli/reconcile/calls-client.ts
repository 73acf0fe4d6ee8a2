// What reconcile asks a vault: it sends a list, and reads the counts and calls of its days.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientAnswer, type ClientRequest, outcomeOf, type VaultClient } from '../../client/client.ts';
import { VaultError } from '../../errors.ts';
import { MOST_DAYS } from '../../model/listing.ts';
import { codeOfUnreadable } from '../support/read-text.ts';

type RejectedLine = {
  readonly line: number;
  readonly code: string;
  readonly columns: readonly { readonly column: string; readonly detail: string }[];
};

/** What the vault made of a list; `from` and `to` are the days of its calls, null without calls. */
export type TakenList = Readonly<
  Record<'lines' | 'created' | 'updated' | 'unchanged' | 'rejected' | 'repeated', number>
> & {
  readonly repeats: readonly { readonly line: number; readonly first: number }[];
  readonly start_offset: string | null;
  readonly ended_at: number | null;
  readonly errors: readonly RejectedLine[];
  readonly from: string | null;
  readonly to: string | null;
};

const COUNTED = ['expected', 'stored', 'pending', 'failed', 'missing', 'short', 'mismatch', 'extra'] as const;
export type Counts = Readonly<Record<(typeof COUNTED)[number], number>>;

/** A call of a count. */
export type CountedCall = {
  readonly recording: string;
  readonly call_id: string | null;
  readonly leg: string | null;
  readonly started_at: string;
  readonly queue: string | null;
  readonly expected_ms: number | null;
  readonly duration_ms: number | null;
  readonly differs: readonly string[];
};

export type What = 'missing' | 'failed' | 'short' | 'mismatch' | 'extra';

/** A list of more years has a wrong start. */
const MOST_SPAN_DAYS = 3_660;
const DAY_MS = 86_400_000;
/** Enough to wait for a list of many calls that another source sends. */
const TRIES = 12;
const WAIT_MS = 2_000;

/** Questions about one source. They are sent again while the vault is busy: the same list again changes nothing. */
export function callsClient(client: VaultClient, source: string, signal: AbortSignal) {
  const ask = async (request: () => ClientRequest): Promise<NonNullable<ClientAnswer['json']>> => {
    for (let tries = 1; ; tries++) {
      const answer = await client.send(request(), { signal });
      const outcome = outcomeOf(answer);
      if (outcome.kind === 'done' && answer.json !== null) return answer.json;
      const isLast = tries >= TRIES || outcome.kind !== 'later' || [401, 403].includes(answer.status);
      if (isLast) throw errorOf(answer);
      await sleep(outcome.retryAfterMs ?? WAIT_MS * tries, undefined, { signal });
    }
  };
  const get = (path: string) => ask(() => ({ method: 'GET', path }));
  return {
    /** Sends a file. Throws `malformed` for one that cannot be read, and for a list that the vault rejects whole. */
    send: async (file: string): Promise<TakenList> => {
      const length = await lengthOf(file);
      const sent = (): ClientRequest => ({
        ...{ method: 'POST', path: `/v1/call-lists?source=${source}`, headers: { 'content-type': 'text/csv' } },
        body: { bytes: bytesOf(file), length },
      });
      return (await ask(sent)) as unknown as TakenList;
    },
    /** The counts of these days together. */
    counts: async (from: string, to: string): Promise<Counts> => {
      const sums = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<keyof Counts, number>;
      for (const [first, last] of spansOf(from, to)) {
        const { data } = await get(`/v1/completeness?from=${first}&to=${last}&source=${source}`);
        for (const day of data as readonly Counts[]) for (const name of COUNTED) sums[name] += day[name];
      }
      return sums;
    },
    /** The calls behind a count. */
    of: async function* (what: What, from: string, to: string): AsyncGenerator<CountedCall> {
      for (const [first, last] of spansOf(from, to)) {
        const path = `/v1/completeness/calls?from=${first}&to=${last}&source=${source}&what=${what}&limit=200`;
        for (let cursor = ''; ; ) {
          const page = await get(`${path}${cursor}`);
          yield* page['data'] as readonly CountedCall[];
          if (typeof page['next_cursor'] !== 'string') break;
          cursor = `&cursor=${encodeURIComponent(page['next_cursor'])}`;
        }
      }
    },
  };
}

function spansOf(from: string, to: string): [string, string][] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  if ((last - first) / DAY_MS > MOST_SPAN_DAYS)
    throw new VaultError('malformed', 'the calls of the list are more than ten years apart: look at started_at');
  const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const spans: [string, string][] = [];
  for (let at = first; at <= last; at += MOST_DAYS * DAY_MS)
    spans.push([dayOf(at), dayOf(Math.min(last, at + (MOST_DAYS - 1) * DAY_MS))]);
  return spans;
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function lengthOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): VaultError {
  return new VaultError('malformed', `the list ${file} cannot be read (${codeOfUnreadable(cause)})`, { cause });
}

function errorOf({ status, json }: ClientAnswer): VaultError {
  const said = typeof json?.['detail'] === 'string' ? json['detail'] : 'no problem document';
  const code = typeof json?.['code'] === 'string' ? json['code'] : 'none';
  const kind = status === 401 ? 'unauthenticated' : status === 403 ? 'forbidden' : 'not_available';
  const isOwn = status >= 400 && status < 500 && kind === 'not_available';
  return new VaultError(isOwn ? 'malformed' : kind, `the vault answered ${status} (${code}): ${said}`);
}
