// Contract suites: the same cases over every adapter of a port, and a record of which case ran on which adapter.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type ContractLine, type Port, REAL_ADAPTERS } from './contract-report.ts';
import { needs } from './needs.ts';
import { RUN_FOLDER, type ServerName } from './servers/servers.ts';

/** An adapter under test. The report lists an adapter with a real server by this name. */
export type Adapter = {
  readonly port: Port;
  readonly name: string;
  /** The server or module it uses, or null if it needs none. */
  readonly server: ServerName | 'softhsm2' | null;
  /** Cases that cannot pass here, each with what the server does instead. They run on another adapter. */
  readonly cannot?: Readonly<Record<string, string>>;
};

/** Defines one case of the suite. Names are unique in a suite. */
export type ContractCase = (name: string, run: () => Promise<void>) => void;

/** The suite of a port over one adapter; skipped if this machine lacks the server. */
export function contract(adapter: Adapter, define: (contractCase: ContractCase) => void): void {
  const { port, name, server, cannot = {} } = adapter;
  if (server !== null && !REAL_ADAPTERS[port].includes(name))
    throw new Error(`${name} is not in the list of the report`);
  const { present, reason } = server === null ? { present: true, reason: '' } : needs(server);
  const note = (line: Omit<ContractLine, 'port' | 'adapter'>): void => {
    if (present) write({ port, adapter: name, ...line });
  };
  const names = new Set<string>();
  describe.skipIf(!present)(`${name} as ${port} ${reason}`.trim(), () => {
    define((what, run) => {
      if (names.has(what)) throw new Error(`two cases are called ${what}`);
      names.add(what);
      const lie = cannot[what];
      note({ what, outcome: lie === undefined ? 'defined' : 'cannot', reason: lie ?? '' });
      // The table reports it: a skipped test would count as left out.
      if (lie !== undefined) return;
      it(what, async () => {
        await run();
        note({ what, outcome: 'ran', reason: '' });
      });
    });
    const unknown = Object.keys(cannot).filter((what) => !names.has(what));
    if (unknown.length > 0) throw new Error(`${name} cannot do what is no case: ${unknown.join(', ')}`);
  });
}

function write(line: ContractLine): void {
  const folder = process.env[RUN_FOLDER];
  if (folder !== undefined) appendFileSync(join(folder, `contract-${process.pid}.jsonl`), `${JSON.stringify(line)}\n`);
}
