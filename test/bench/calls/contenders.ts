// The servers that are measured beside each other: this checkout, the bare minimum, and another checkout.
import { fillList } from './calls.ts';
import { callClient } from './client.ts';
import { binOf, type SetUp, serveBare, serveProduct, setUp } from './deployment.ts';
import type { EngineChoice, Engines } from './engines.ts';
import type { Contender } from './measure.ts';
import { ownBin } from './programs.ts';
import type { ServedProcess } from './served.ts';

/** Running servers, the product first. */
export type Contenders = {
  readonly all: readonly [Contender, ...Contender[]];
  readonly close: () => Promise<void>;
};

/** One that can be started: on which engines, and how. */
type Entry = {
  readonly name: string;
  readonly bin: string;
  readonly engines: EngineChoice;
  readonly serve: (made: SetUp) => Promise<ServedProcess>;
};

/** Which servers are measured: on these engines, this checkout, the bare minimum, and perhaps another checkout. */
export type Entries = {
  readonly engines: Pick<Engines, 'next'>;
  readonly before: string | null;
  /** How many people listen. */
  readonly reviewers: number;
};

/** Sets up and starts every server, and fills its list of recordings. */
export async function startContenders({ engines, before, reviewers }: Entries): Promise<Contenders> {
  const own = ownBin();
  const product = (bin: string) => (made: SetUp) => serveProduct(bin, made);
  const entries: Entry[] = [
    { name: 'callvault', bin: own, engines: await engines.next(), serve: product(own) },
    { name: 'bare minimum', bin: own, engines: await engines.next(), serve: serveBare },
  ];
  if (before !== null) {
    const bin = binOf(before);
    entries.push({ name: 'before', bin, engines: await engines.next(), serve: product(bin) });
  }
  const running: { contender: Contender; close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of running) await one.close();
  };
  try {
    await Promise.all(entries.map(async (entry) => running.push(await start(entry, reviewers))));
    // In their order, not in that in which they were ready.
    const sorted = entries.flatMap(({ name }) => running.filter(({ contender }) => contender.name === name));
    const [first, ...others] = sorted.map(({ contender }) => contender);
    if (first === undefined) throw new Error('nobody to measure');
    return { all: [first, ...others], close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start({ name, bin, engines, serve }: Entry, reviewers: number) {
  const made = await setUp(bin, engines, reviewers);
  try {
    const server = await serve(made);
    const close = async (): Promise<void> => {
      await server.stop();
      made.remove();
    };
    const client = callClient(server.base, made);
    await fillList(client);
    return { contender: { name, client, server }, close };
  } catch (error) {
    made.remove();
    throw error;
  }
}
