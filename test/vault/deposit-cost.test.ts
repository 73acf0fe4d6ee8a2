// The cost of a deposit in transactions, statements and turns of the event loop: fails when a deposit needs more of them.
import { performance } from 'node:perf_hooks';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { bodyOf, openTestVault, type TestVault, wavOf } from '../support/vault.ts';

let seen: string[] | null = null;

/** Notes the text of each statement that any connection of this process runs. */
function watchStatements(): void {
  const file = new SqliteFile(':memory:');
  const statement = Object.getPrototypeOf(file.prepare('select 1')) as Record<string, (...given: unknown[]) => unknown>;
  for (const name of ['run', 'get', 'all', 'iterate']) {
    const original = statement[name] as (...given: unknown[]) => unknown;
    statement[name] = function (this: { readonly source: string }, ...given: unknown[]) {
      seen?.push(this.source);
      return original.apply(this, given);
    };
  }
  const { exec } = SqliteFile.prototype;
  SqliteFile.prototype.exec = function (this: SqliteFile.Database, source: string) {
    seen?.push(source);
    return exec.call(this, source);
  };
  file.close();
}

async function statementsOf(test: TestVault, bytes: Uint8Array, callId: string): Promise<string[]> {
  const metadata = { source: 'pbx', callId, leg: '0', from: '+441234567890', to: '+441234567891', agent: '4711' };
  const what = { target: { metadata }, name: 'audio', type: 'audio/wav', body: bodyOf(bytes) };
  seen = [];
  try {
    await deposit(test.vault, test.uploader, what, test.request);
    return seen;
  } finally {
    seen = null;
  }
}

describe('a deposit of a call of a minute', () => {
  let test: TestVault;
  beforeAll(async () => {
    watchStatements();
    test = await openTestVault();
    // The first binds the source, the second reads whose it is.
    for (const call of ['warm', 'warmer']) await statementsOf(test, wavOf(480_000), call);
  });
  afterAll(() => test.close());

  it('needs no more transactions and statements than it did', async () => {
    const statements = await statementsOf(test, wavOf(480_000), 'one');
    const begun = (text: string): number => statements.filter((one) => one.trim().toLowerCase() === text).length;
    expect({ writes: begun('begin immediate'), reads: begun('begin') }).toEqual({ writes: 2, reads: 2 });
    const queries = statements.filter((text) => !/^\s*(begin|commit)/i.test(text));
    expect(queries.length, queries.join('\n')).toBeLessThanOrEqual(28);
  });

  it('takes few turns of the event loop', async () => {
    const turns = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;
    const before = turns();
    await statementsOf(test, wavOf(480_000), 'two');
    // Other work of the process may take some: 66 turns was one for each operation of a file.
    expect(turns() - before).toBeLessThan(25);
  });
});
