// `callvault exposure` through the bin: table, JSON object and CSV file.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { binOf } from '../support/run-callvault.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
let recording: string;

beforeAll(async () => {
  const { harbour } = world;
  const headers = { 'vault-meta-from': '+442079460100', 'vault-meta-to': '+442079460000' };
  recording = await world.deposited(harbour, 'one', wavOf(160_000), headers);
  await world.session(harbour, await world.grant(harbour, recording));
});

const exposure = (...args: readonly string[]) =>
  binOf(world.folder)('exposure', '--tenant', world.harbour.tenant, '--since', '2020-01-01', ...args);

describe('callvault exposure', () => {
  it('prints a table and its totals', async () => {
    const { code, out, err } = await exposure('--person', world.harbour.reviewer.id);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, names, row, ...rest] = out.split('\n');
    expect(head).toContain(
      `person ${world.harbour.reviewer.id} · ${world.harbour.tenant} · 2020-01-01T00:00:00.000Z to `,
    );
    expect(names).toMatch(/^RECORDING +HOW +FIRST OPENED +SESSIONS +OPEN FOR S +CALL S +SUBJECTS$/);
    expect(row).toMatch(new RegExp(`^${recording} +heard +\\d{4}-.*Z +1 open +\\d+ +10 +2$`));
    expect(rest.join('\n')).toMatch(/^calls: 1, 10 seconds long in all, 0 erased\nsessions: 1, open for \d+ seconds, /);
    expect(rest.join('\n')).toMatch(/^subjects to notify: 2 different numbers/m);
    expect(rest.join('\n')).toMatch(/^! a session without a recorded end counts /m);
  });

  it('prints everything as one object, and writes subjects to a file with mode 0600', async () => {
    const file = join(world.folder, 'exposed.csv');
    const { out } = await exposure('--node', 'node-1', '--json', '--csv', file);
    const told = JSON.parse(out) as { recordings: { recording: string; subjects: string[] }[] };
    expect(told).toMatchObject({ kind: 'node', deposits: 1, metadata_key: true, totals: { calls: 1, subjects: 2 } });
    expect(told).toMatchObject({
      untold: expect.arrayContaining([expect.stringMatching(/^uploads shorter than 8 MiB/)]),
    });
    const [one] = told.recordings;
    expect(one).toMatchObject({ recording, ways: ['deposit', 'session'], call_seconds: 10, state: 'there' });
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual([
      'recording,how,state,call_seconds,subject',
      ...(one?.subjects ?? []).map((subject) => `${recording},deposit session,there,10,${subject}`),
    ]);
    expect(out + readFileSync(file, 'utf8')).not.toContain('20794601');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await exposure('--node', 'node-1', '--csv', file);
    expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/^callvault: cannot create the file of --csv/) });
  });

  it.each([
    [[], /^callvault: give exactly one of --person, --api-key, --key and --node\n$/],
    [['--person', 'usr_x', '--node', 'node-1'], /^callvault: give exactly one of/],
    [['--person', 'usr_x'], /^callvault: the tenant has no such person or service\n$/],
    [['--node', 'node-1', '--until', 'yesterday'], /^callvault: --until must be a day, or a time with an offset/],
  ])('rejects %j', async (args, message) => {
    expect(await exposure(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });
});
