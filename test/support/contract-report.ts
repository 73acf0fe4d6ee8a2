// The report of the contract suites of a run: a table of cases, and the cases that no real server ran.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The adapters of each port that use a real server. A run is complete when all of them took part. */
export const REAL_ADAPTERS: Readonly<Record<Port, readonly string[]>> = {
  'an object store': ['S3 on Ceph RGW', 'S3 on Ceph RGW with versions', 'S3 on moto', 'S3 on moto with versions'],
  'a key service': ['KMS on moto', 'PKCS#11 on SoftHSM 2'],
  'a database': ['PostgreSQL'],
};

export type Port = 'an object store' | 'a key service' | 'a database';

/** Cases that none of our real servers can pass, with the reason: only adapters without a server run them. */
const UNTESTABLE_CASES: Readonly<Record<Port, Readonly<Record<string, string>>>> = {
  'an object store': {},
  'a key service': {},
  'a database': {},
};

/** One line of the record. */
export type ContractLine = {
  readonly port: Port;
  readonly adapter: string;
  readonly what: string;
  readonly outcome: 'defined' | 'cannot' | 'ran';
  readonly reason: string;
};

/** The lines that the suites of a run left in its folder. */
export function contractLines(folder: string): ContractLine[] {
  return readdirSync(folder)
    .filter((file) => /^contract-\d+\.jsonl$/.test(file))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as ContractLine);
}

/** The table as text: a line for each adapter, and below it the cases it cannot pass; empty if no contract suite ran. */
export function contractTable(lines: readonly ContractLine[]): string {
  const rows = unique(lines.map(titleOf)).map((title) => {
    const own = lines.filter((line) => titleOf(line) === title);
    const ran = unique(own.filter(({ outcome }) => outcome === 'ran').map(({ what }) => what)).length;
    const lies = own.filter(({ outcome }) => outcome === 'cannot');
    const below = lies.map(({ what, reason }) => `\n      cannot: ${what} (${reason})`);
    return `  ${title.padEnd(48)} ${String(ran).padStart(4)} cases ran${below.join('')}`;
  });
  return rows.length === 0 ? '' : ['contracts', ...rows.sort()].join('\n');
}

/**
 * Cases that every real server of their port is excused from. Leaves out ports whose servers did not all take part: a missing
 * one may run the case.
 */
export function ranNowhere(lines: readonly ContractLine[]): string[] {
  return unique(lines.map(({ port }) => port)).flatMap((port) => {
    const own = lines.filter((line) => line.port === port);
    const served = own.filter(({ adapter }) => REAL_ADAPTERS[port].includes(adapter));
    if (unique(served.map(({ adapter }) => adapter)).length < REAL_ADAPTERS[port].length) return [];
    const asked = new Set(served.filter(({ outcome }) => outcome !== 'cannot').map(({ what }) => what));
    const cases = unique(own.map(({ what }) => what));
    const left = cases.filter((what) => !asked.has(what) && UNTESTABLE_CASES[port][what] === undefined);
    return left.map((what) => `${port}: ${what}`);
  });
}

function titleOf({ adapter, port }: ContractLine): string {
  return `${adapter} as ${port}`;
}

function unique<T>(all: readonly T[]): T[] {
  return [...new Set(all)];
}
