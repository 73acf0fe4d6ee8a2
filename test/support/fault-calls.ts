// Calls deposited while something fails: which ones the service acknowledged, and what is stored of them at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { api, digestOf, playbackDigest, putAudio, wavHeader } from './fault-client.ts';
import type { StaffedTenant } from './fault-deployment.ts';
import type { Random } from './fault-random.ts';

const BIG = 20 * 1024 * 1024;
const PIECE = 256 * 1024;

export type FaultCall = {
  readonly id: string;
  readonly pieces: readonly Buffer[];
  readonly length: number | null;
  readonly sha256: string;
  acknowledged: boolean;
};

type Page = { readonly data: Listed[]; readonly next_cursor: string | null };

type Listed = { readonly id: string; readonly state: string; readonly call_id: string };

export type FaultCalls = {
  readonly all: readonly FaultCall[];
  /** A new call: of three parts, or a small one. */
  readonly make: (big: boolean) => FaultCall;
  /** Deposits a call after a delay, with `paceMs` between its pieces. Records an acknowledgement. Returns the status, if any. */
  readonly send: (
    url: string,
    who: StaffedTenant,
    call: FaultCall,
    wait: number,
    paceMs?: number,
  ) => Promise<number | null>;
  /** Expects that each acknowledged call is listed and each listed call plays whole; returns how many. */
  readonly expectKept: (url: string, who: StaffedTenant) => Promise<number>;
};

export function faultCalls(random: Random): FaultCalls {
  const noise = random.bytes(BIG);
  const all: FaultCall[] = [];
  let cut = 0;

  /** A random head, then shared noise. */
  const make = (big: boolean): FaultCall => {
    const size = big ? BIG - random.int(4 * 1024 * 1024) : 64 + random.int(400_000);
    const pieces = [wavHeader(size), random.bytes(32)];
    for (let at = 0; at < size - 32; at += PIECE) pieces.push(noise.subarray(at, Math.min(at + PIECE, size - 32)));
    const call = {
      id: `call-${all.length}`,
      pieces,
      length: random.int(2) === 0 ? null : size + 44,
      sha256: digestOf(pieces),
      acknowledged: false,
    };
    all.push(call);
    return call;
  };

  const send = async (
    url: string,
    who: StaffedTenant,
    call: FaultCall,
    wait: number,
    paceMs = 0,
  ): Promise<number | null> => {
    await sleep(wait);
    const answer = await putAudio(`${url}/v1/ingest/pbx/${call.id}`, who.depositor, call.pieces, call.length, paceMs);
    if (answer !== null && (answer.status === 200 || answer.status === 201)) {
      expect(JSON.parse(answer.body)).toMatchObject({ sha256: call.sha256 });
      call.acknowledged = true;
    } else if (answer !== null) {
      // Only 409 or 5xx: an attempt that was cut still holds its lease.
      expect({ call: call.id, ...answer }).toMatchObject({ status: expect.toSatisfy((s) => s === 409 || s >= 503) });
    }
    if (answer === null) cut++;
    return answer?.status ?? null;
  };

  const expectKept = async (url: string, who: StaffedTenant): Promise<number> => {
    const listed = await allListed(url, who);
    const byCall = new Map(listed.map((recording) => [recording.call_id, recording]));
    expect(byCall.size).toBe(listed.length);
    const lost = all.filter((call) => call.acknowledged && !byCall.has(call.id));
    expect(lost.map(({ id }) => id)).toEqual([]);
    for (const recording of listed) {
      const call = all.find(({ id }) => id === recording.call_id);
      const heard = await playbackDigest(url, who, recording.id);
      expect({ ...recording, heard }).toMatchObject({ state: 'available', heard: call?.sha256 });
    }
    // The faults took effect: some calls succeeded, some were cut.
    expect(all.filter((call) => call.acknowledged).length).toBeGreaterThan(0);
    expect(cut).toBeGreaterThan(0);
    return listed.length;
  };
  return { all, make, send, expectKept };
}

async function allListed(url: string, who: StaffedTenant): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: Page = await api<Page>(`${url}/v1/recordings?limit=50${from}`, who.reviewer, 'GET');
    found.push(...page.data);
    cursor = page.next_cursor;
  }
  return found;
}
