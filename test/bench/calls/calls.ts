// The calls whose processor time is measured, and what each needs from the ones before it in a round.
import { type Audio, MINUTE, minuteOfMp3, muLaw } from './audio.ts';
import type { CallClient } from './client.ts';

const RANGE = 65_536;

/** What the calls of a round leave for later ones. */
export type Round = { recordings: string[]; requests: string[]; grants: string[]; sessions: string[] };

/** One kind of call. `times` is how often a round makes it; `run` makes the nth of them. */
export type Call = {
  readonly name: string;
  readonly times: number;
  readonly run: (client: CallClient, round: Round, n: number) => Promise<unknown>;
};

/**
 * Names of all calls: a minute of µ-law, a minute of MP3, the µ-law in a sealed file, …, a range of 64 KiB, …, a list of 50
 * recordings, …, a person's correction, a platform's record of the call.
 */
export const CALL_NAMES: readonly string[] = [
  ...['deposit', 'deposit-mp3', 'deposit-sealed', 'ask', 'approve', 'open', 'range', 'read', 'list'],
  ...['search', 'correct', 'amend', 'healthz'],
];

/** All calls, in the order that a round needs. `each` is how often a round makes a long one. */
export function callsOf(each: number): readonly Call[] {
  const [wav, mp3] = [muLaw(MINUTE), minuteOfMp3()];
  const at = (list: readonly string[], n: number): string => list[n % list.length] ?? '';
  const deposit = (audio: Audio, kept: boolean): Call['run'] => {
    return async (client, round) => {
      const recording = await client.deposit(audio);
      if (kept) round.recordings.push(recording);
    };
  };
  return [
    { name: 'deposit', times: each, run: deposit(wav, true) },
    { name: 'deposit-mp3', times: each, run: deposit(mp3, false) },
    { name: 'deposit-sealed', times: each, run: (client) => client.depositSealed(wav) },
    { name: 'ask', times: each, run: async (c, r, n) => r.requests.push(await c.ask(at(r.recordings, n))) },
    { name: 'approve', times: each, run: async (c, r, n) => r.grants.push(await c.approve(at(r.requests, n))) },
    { name: 'open', times: each, run: async (c, r, n) => r.sessions.push(await c.open(at(r.grants, n))) },
    {
      name: 'range',
      // Two in each session are less than the thirty seconds of the call that a person gets at once.
      times: 2 * each,
      run: (c, r, n) => c.range(at(r.sessions, n), 100_000 + Math.floor(n / each) * RANGE, RANGE),
    },
    { name: 'read', times: 2 * each, run: (c, r, n) => c.read(at(r.recordings, n)) },
    { name: 'list', times: each, run: (c) => c.list() },
    { name: 'search', times: each, run: (c) => c.search() },
    { name: 'correct', times: each, run: (c, r, n) => c.correct(at(r.recordings, n)) },
    { name: 'amend', times: each, run: (c, r, n) => c.amend(at(r.recordings, n)) },
    { name: 'healthz', times: 5 * each, run: (c) => c.healthz() },
  ];
}

/** Ends what a round left open: the server looks at every live session each second. */
export async function endRound(client: CallClient, { sessions }: Round): Promise<void> {
  for (const session of sessions) await client.close(session);
}

/** A round that nothing was done in. */
export function newRound(): Round {
  return { recordings: [], requests: [], grants: [], sessions: [] };
}

/** Enough short calls that a page of the list is full. */
export async function fillList(client: CallClient): Promise<void> {
  const short = muLaw(4_000);
  for (let n = 0; n < 55; n++) await client.deposit(short);
}
