// `callvault recordings` through the bin: a line for each re-encrypted object, and for each recording that failed.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { binOf } from '../support/run-callvault.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
let recording: string;
let deposit: string;

beforeAll(async () => {
  const reply = await world.ingest(world.harbour, 'one', wavOf(160_000));
  ({ recording, deposit } = (await reply.json()) as { recording: string; deposit: string });
});

const reencrypt = (...args: readonly string[]) =>
  binOf(world.folder)('recordings', 'reencrypt', '--tenant', world.harbour.tenant, ...args);

describe('callvault recordings reencrypt', () => {
  it('prints each result, and continues after a failure', async () => {
    const missing = newId('rec');
    const { code, out, err } = await reencrypt('--why', 'data-key', missing, recording);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const [first, second, ...rest] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { to: string });
    expect(first).toEqual({ recording: missing, error: 'not_found', message: 'there is no such recording' });
    const told = { recording, object: 'audio', from: deposit, size: 160_044, envelope: 'kept', left: false };
    expect(second).toEqual({ ...told, to: second?.to });
    expect(rest).toEqual([]);
    expect(second?.to).not.toBe(deposit);
    expect(await (await world.ingest(world.harbour, 'one', wavOf(160_000))).json()).toMatchObject({
      deposit: second?.to,
    });
  });

  it.each([
    [['--why', 'because', 'rec_x'], /^callvault: the reason must be one of data-key, host, precaution\n$/],
    [['--why', 'host', 'rec_x'], /^callvault: recordings must be given by id: rec_…\n$/],
  ])('rejects %j', async (args, message) => {
    expect(await reencrypt(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });
});
