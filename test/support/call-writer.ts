// A platform and a reviewer that change the facts and comments of one call, one after another, until they are stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckedEntry } from '../../src/envelope/amendments/check-stream.ts';
import type { Amendment } from '../../src/model/amendments/amendment.ts';
import { requestAndOpen } from './fault-client.ts';
import type { StaffedTenant } from './fault-deployment.ts';

/** What a server acknowledged, in order: values of the writer's own field, and versions of its comments. */
export type Acknowledged = { readonly facts: string[]; readonly comments: string[] };

export type CallWriter = {
  readonly acknowledged: Acknowledged;
  /** Problem codes of what was rejected, and repeated. */
  readonly rejected: Set<string>;
  /** Writes until `over` says so, and once more. */
  readonly write: (over: () => boolean) => Promise<void>;
};

type What = { readonly call: string; readonly recording: string; readonly field: string };

/** Between the changes of a writer: readers of the stream have to read them all. */
const PAUSE_MS = 20;
/** How many comments a writer adds at most: a recording has at most 1,000. */
const MOST_COMMENTS = 300;

/** A writer that speaks to one server. No other one writes `field`. */
export async function callWriter(url: string, people: StaffedTenant, what: What): Promise<CallWriter> {
  const session = await requestAndOpen(url, people, what.recording, 'writes comments');
  const comments = `${url}/v1/sessions/${session}/comments`;
  const acknowledged: Acknowledged = { facts: [], comments: [] };
  const rejected = new Set<string>();
  let made = 0;

  async function send<T>(path: string, secret: string, method: string, body?: object): Promise<T> {
    for (;;) {
      const reply = await fetch(path, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await reply.json()) as T & { readonly code?: string };
      if (reply.ok) return answer;
      if (reply.status !== 503) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(answer)}`);
      rejected.add(answer.code ?? '');
      await sleep(5);
    }
  }

  async function change(): Promise<void> {
    const n = made++;
    const value = `${what.field} ${n}`;
    const patch = { fields: { [what.field]: value }, wrap_up: value };
    const path = `${url}/v1/ingest/pbx/${what.call}`;
    const { set } = await send<{ readonly set: readonly string[] }>(path, people.depositor, 'PATCH', patch);
    if (set.includes(`fields/${what.field}`)) acknowledged.facts.push(value);
    if (n >= MOST_COMMENTS) return;
    const said = { start_ms: 1, category: 'note', visibility: 'team', text: value };
    const { id } = await send<{ readonly id: string }>(comments, people.reviewer, 'POST', said);
    acknowledged.comments.push(`${id} 1 ${value}`);
    if (n % 3 === 0) return;
    await send(`${comments}/${id}`, people.reviewer, 'PUT', { ...said, text: `${value}!` });
    acknowledged.comments.push(`${id} 2 ${value}!`);
    if (n % 3 === 1) return;
    await send(`${comments}/${id}`, people.reviewer, 'DELETE');
    acknowledged.comments.push(`${id} removed`);
  }

  return {
    acknowledged,
    rejected,
    write: async (over) => {
      while (!over()) {
        await change();
        await sleep(PAUSE_MS);
      }
      await change();
    },
  };
}

/** What of the entries a writer has written. */
export function writtenBy(entries: readonly CheckedEntry<Amendment>[], field: string): Acknowledged {
  const own = new Set<string>();
  const written: Acknowledged = { facts: [], comments: [] };
  for (const { body } of entries) {
    if (body.op === 'facts') {
      const value = (body.set['fields'] as Readonly<Record<string, string>> | undefined)?.[field];
      if (value !== undefined) written.facts.push(value);
    } else if (body.op === 'comment' && 'text' in body) {
      if (body.text.startsWith(`${field} `)) own.add(body.id);
      if (own.has(body.id)) written.comments.push(`${body.id} ${body.version} ${body.text}`);
    } else if (body.op === 'comment' && own.has(body.id)) {
      written.comments.push(`${body.id} removed`);
    }
  }
  return written;
}
