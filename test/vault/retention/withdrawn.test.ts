// What a subject withdrew is erased once nothing keeps it: also where a tenant has no rules, and not for some purposes.
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { eventsOf } from '../../support/changes.ts';
import { consentIn } from '../../support/consent.ts';
import { ENGINES } from '../../support/engines.ts';
import { sharedWorld } from '../../support/worlds.ts';

const DAY = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(120_000) });
const from = (number: string) => ({ 'vault-meta-from': encodeURIComponent(number) });

describe.each(ENGINES)('on $engine, what was withdrawn $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const of = consentIn(world);
  const tenant = () => world.harbour.tenant;
  const row = async (id: string) => {
    const found = await world.vault.db.read(({ recordings }) => recordings.find(tenant(), id), request());
    if (found === null) throw new Error('there is the recording');
    return found;
  };

  it.runIf(present)('is due after the grace, by the withdrawal; for some purposes it stays', async () => {
    const [all, some, kept, other] = [
      await of.call('w-1', 5, from('+441234500001')),
      await of.call('w-2', 5, from('+441234500002')),
      await of.call('w-3', 5, from('+441234500001')),
      await of.call('w-4', 5, from('+441234500003')),
    ];
    const etag = (await world.call('GET', `/v1/recordings/${kept}`, { key: world.harbour.privacy.key })).headers.get(
      'etag',
    );
    const until = new Date(world.vault.clock.now() + 20 * DAY).toISOString();
    const patched = await world.call('PATCH', `/v1/recordings/${kept}`, {
      key: world.harbour.privacy.key,
      json: { retain_until: until, reason: 'a dispute' },
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': etag ?? '' },
    });
    expect(patched.status, await patched.clone().text()).toBe(200);
    const { id: withdrawal } = await of.withdrawn({ number: '+441234500001' });
    await of.withdrawn({ number: '+441234500002', purposes: ['quality'] });
    const due = (await row(all)).eraseAfter ?? '';
    expect(Date.parse(due) - world.vault.clock.now()).toBeGreaterThan(7 * DAY - DAY);
    expect((await row(kept)).eraseAfter).toBe(until);
    expect([(await row(some)).eraseAfter, (await row(other)).eraseAfter]).toEqual([null, null]);
    world.forward(9 * DAY);
    expect(await expirer(world.vault, () => undefined)(request())).toBe(0);
    const expire = expirer(world.vault, () => undefined);
    world.forward(60_000);
    expect(await expire(request())).toBe(1);
    const states = (await Promise.all([all, some, kept, other].map(row))).map(({ state }) => state);
    expect(states).toEqual(['ERASING', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE']);
    const erasing = (await eventsOf(world, tenant())).filter(({ action }) => action === 'recording.erasing');
    expect(erasing.map(({ object }) => object)).toEqual([
      {
        ...{ type: 'tenant', id: tenant(), recordings: all, reason: 'request', cause: withdrawal },
        clock_since: expect.stringMatching(/Z$/),
      },
    ]);
    world.forward(12 * DAY);
    expect(await expire(request())).toBe(1);
    expect((await row(kept)).state).toBe('ERASING');
  });

  it.runIf(present)('leaves a log without findings', async () => {
    const events = await world.vault.db.read(({ log }) => log.events(tenant(), 0, 10_000), request());
    const findings = checkLog(`${world.vault.settings.origin}/${tenant()}`, events, leafHash);
    expect(findings).toEqual([]);
  });
});
