// Call lists made to cost much, sent without an end beside another tenant: how long its uploads and the health check take,
// and what they take alone. The service is a separate process.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  composeDeployment,
  createStaffedTenant,
  newDeployment,
  type Server,
  type StaffedTenant,
  startServer,
} from '../support/fault-deployment.ts';
import { HOSTILE_LISTS } from '../support/hostile-lists.ts';
import { wav } from '../support/wav.ts';

export type BesideOptions = {
  /** Lines of a list. */
  readonly lines: number;
  /** Uploads of the other tenant, alone and beside each list. */
  readonly uploads: number;
  /** URL of an empty PostgreSQL database; default: SQLite. */
  readonly postgres?: string | undefined;
};

/** Milliseconds. */
type Spread = { readonly p50: number; readonly p99: number; readonly most: number };

/** What the other tenant and the health check saw. `lists`: how many lists were answered meanwhile, with their status. */
export type BesideFigures = {
  readonly name: string;
  readonly upload: Spread;
  readonly health: Spread;
  readonly lists: Readonly<Record<number, number>>;
  /** How often a tenth of a second passed in which the health check was not answered. */
  readonly failed: number;
};

const HEADER = 'call_id,started_at,duration_ms,agent,queue,direction,recorded';
const START = Date.parse('2026-11-20T06:00:00Z');

/** Lists that are as they should be: each time other calls. */
const GOOD_LISTS: typeof HOSTILE_LISTS = {
  'of good lines': (lines, round) => {
    const start = (n: number) => new Date(START + n * 100).toISOString();
    const rows = [...Array(lines).keys()].map(
      (n) => `g${round}-${n},${start(n)},60000,Agent ${n % 300},queue-${n % 20},inbound,yes`,
    );
    return Buffer.from([HEADER, ...rows].join('\n'));
  },
  'of good and broken lines': (lines, round) => {
    const rows = [...Array(lines).keys()].map((n) => (n % 200 === 0 ? 'a"b' : `b${round}-${n},sales`));
    return Buffer.from(['call_id,queue', ...rows].join('\n'));
  },
  'of short lines': (lines, round) =>
    Buffer.from(['call_id', ...[...Array(lines).keys()].map((n) => `s${round}-${n}`)].join('\n')),
};

/** Sends lists of each kind while another tenant uploads. `say` gets each line of figures. */
export async function drillBeside(
  options: BesideOptions,
  say: (figures: BesideFigures) => void,
  only: (name: string) => boolean = () => true,
): Promise<readonly BesideFigures[]> {
  const { postgres, lines, uploads } = options;
  const deployment = await newDeployment(postgres === undefined ? {} : { CALLVAULT_DATABASE: postgres });
  let server: Server | null = null;
  try {
    const { vault, close } = await composeDeployment(deployment);
    const sender = await createStaffedTenant(vault, 'Harbour Bank');
    const other = await createStaffedTenant(vault, 'Yunhai Travel');
    await close();
    server = await startServer(deployment);
    const { url } = server;
    await measured(url, other, uploads, null);
    const found: BesideFigures[] = [];
    const add = (one: BesideFigures): void => {
      found.push(one);
      say(one);
    };
    add({ name: 'alone', ...(await measured(url, other, uploads, null)) });
    for (const [name, made] of Object.entries({ ...GOOD_LISTS, ...HOSTILE_LISTS })) {
      if (!only(name)) continue;
      const run = await measured(url, other, uploads, (round) => send(url, sender, made(lines, round)));
      add({ name, ...run });
    }
    add({ name: 'alone', ...(await measured(url, other, uploads, null)) });
    return found;
  } finally {
    await server?.stop();
    await deployment.remove();
  }
}

async function send(url: string, { depositor }: StaffedTenant, body: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${depositor}`, 'content-type': 'text/csv' };
  const reply = await fetch(`${url}/v1/call-lists?source=pbx`, { method: 'POST', headers, body: new Uint8Array(body) });
  await reply.arrayBuffer();
  return reply.status;
}

let calls = 0;

/** Uploads and asks for health, one after the other each, while lists are sent. */
async function measured(
  url: string,
  { depositor }: StaffedTenant,
  uploads: number,
  list: ((round: number) => Promise<number>) | null,
): Promise<Omit<BesideFigures, 'name'>> {
  let over = false;
  const lists: Record<number, number> = {};
  const sending = (async () => {
    for (let round = 0; list !== null && !over; round++) {
      const status = await list(round + calls);
      lists[status] = (lists[status] ?? 0) + 1;
    }
  })();
  const health: number[] = [];
  let failed = 0;
  const asking = (async () => {
    while (!over) {
      const { ms, status } = await timed(() => fetch(`${url}/healthz`));
      health.push(ms);
      if (status !== 200) failed++;
      await sleep(5);
    }
  })();
  const times: number[] = [];
  for (let n = 0; n < uploads; n++) {
    const headers = { authorization: `Bearer ${depositor}`, 'content-type': 'audio/wav' };
    const body = new Uint8Array(wav(16_000));
    const { ms, status } = await timed(() =>
      fetch(`${url}/v1/ingest/pbx/other-${calls++}`, { method: 'PUT', headers, body }),
    );
    if (status !== 201) throw new Error(`an upload was answered ${status}`);
    times.push(ms);
  }
  over = true;
  await asking;
  await sending;
  return { upload: spread(times), health: spread(health), lists, failed };
}

async function timed(ask: () => Promise<Response>): Promise<{ readonly ms: number; readonly status: number }> {
  const from = performance.now();
  const reply = await ask();
  await reply.arrayBuffer();
  return { ms: performance.now() - from, status: reply.status };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
