// The sweep of uploads: unknown ones are aborted; those of live deposits and foreign ones are not.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { VaultError } from '../../src/errors.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { sweepUploads } from '../../src/vault/deposit/sweep-uploads.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { bodyOf, callAudio, type TestVault, wavOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const place: StoreLocation = { region: '', bucket: '', prefix: '' };
const HOUR_MS = 3_600_000;
const test = freshVault();

const begin = (path: string) => test.vault.store.beginUpload(place, path, newId('dep'), test.request);
const objectOf = (tenant: string, recording = newId('rec'), id = newId('dep')) =>
  `t/${tenant}/r/${recording}/${id}/audio`;

async function open(): Promise<string[]> {
  const found: string[] = [];
  for await (const { uploadId } of test.vault.store.listUploads(place, test.request)) found.push(uploadId);
  return found.sort();
}

describe('a sweep of uploads', () => {
  it('aborts an upload whose deposit is missing or ended, and no other', async () => {
    const done = await deposit(test.vault, test.uploader, callAudio('one', wavOf(1000)), test.request);
    await begin(objectOf(test.tenant));
    await begin(objectOf(test.tenant, done.recording, done.deposit));
    const foreign = [
      await begin(objectOf(newId('ten'))),
      await begin('somewhere/else'),
      await begin(`t/${test.tenant}/r/x`),
    ];
    expect(await sweepUploads(test.vault, test.request)).toBe(2);
    expect(await open()).toEqual(foreign.sort());
    expect(await sweepUploads(test.vault, test.request)).toBe(0);
  });

  it('continues where another location cannot be listed', async () => {
    const what = {
      country: 'GB',
      defaultBasis: 'consent',
      admin: 'Ada',
      approvers: ['Sue'],
      approverAgeHours: 0,
    } as const;
    const aside = { ...place, prefix: 'aside' };
    for (const name of ['Aside', 'Aside, too'])
      await createTenant(test.vault, operatorActor('op-1'), { ...what, name, place: aside }, test.request);
    await begin(objectOf(test.tenant));
    // Whichever location comes first: each of the two fails once.
    for (const failing of [aside.prefix, place.prefix]) {
      const listUploads: TestVault['vault']['store']['listUploads'] = (where, wait) => {
        if (where.prefix === failing) throw new VaultError('store_unavailable', 'planted');
        return test.vault.store.listUploads(where, wait);
      };
      const store = { ...test.vault.store, listUploads };
      await expect(sweepUploads({ ...test.vault, store }, test.request)).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      expect(await open()).toEqual([]);
      await test.vault.store.beginUpload(aside, objectOf(test.tenant), newId('dep'), test.request);
    }
    expect(await sweepUploads(test.vault, test.request)).toBe(1);
  });

  it('leaves the upload of a live deposit, and for an hour others of the same deposit', async () => {
    let during: { beside: string; swept: number; later: number } | undefined;
    const whole = bodyOf(wavOf(9_000_000));
    const body = {
      ...whole,
      bytes: (async function* () {
        let sent = 0;
        for await (const piece of whole.bytes) {
          yield piece;
          sent += piece.length;
          if (sent < 8_800_000 || during !== undefined) continue;
          // By now the first part is stored, under the upload that the deposit's row knows.
          const [row] = await test.vault.db.read(
            (rows) => rows.deposits.stale('9999-12-31T00:00:00.000Z', 10),
            test.request,
          );
          const beside = await begin(objectOf(test.tenant, row?.recording ?? '', row?.id ?? ''));
          const swept = await sweepUploads(test.vault, test.request);
          const clock = { ...test.vault.clock, now: () => Date.now() + HOUR_MS };
          during = { beside, swept, later: await sweepUploads({ ...test.vault, clock }, test.request) };
        }
      })(),
    };
    const made = await deposit(test.vault, test.uploader, callAudio('two', body), test.request);
    expect(made.created).toBe(true);
    expect(during).toMatchObject({ swept: 0, later: 1 });
    expect(await open()).toEqual([]);
  });
});
