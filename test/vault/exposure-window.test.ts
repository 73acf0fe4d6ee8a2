// How far before its period an exposure reads the log: what was assigned or requested long ago may still be live in it.
import { beforeAll, expect, it } from 'vitest';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { readExposure } from '../../src/vault/exposure/exposure.ts';
import { assigned, makeAssignable } from '../support/batches.ts';
import { withPasskey } from '../support/changes.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const DAY_MS = 86_400_000;
const OLD = 1_500;

const world = sharedWorld();
const at = (days: number): string => new Date(world.vault.clock.now() + days * DAY_MS).toISOString();
const ask = () =>
  readExposure(
    world.vault,
    by,
    { tenant: world.harbour.tenant, kind: 'person', id: world.harbour.reviewer.id, since: at(0), until: null },
    wait(),
  );
let recording = '';

beforeAll(async () => {
  const { harbour, vault } = world;
  const maker = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['supervisor'])).id);
  await makeAssignable(world, harbour.tenant);
  recording = await world.deposited(harbour, 'assigned', wav(2_000));
  await assigned(maker, { grants: [{ recording, reviewer: harbour.reviewer.id }], due: at(30) });
  // More than a page of them.
  const later = Array.from({ length: OLD }, () => event(harbour.tenant, by, 'log.read', { id: 'x' }, {}));
  await vault.db.change(() => Promise.resolve({ result: undefined, events: later }), wait());
});

it('includes a call that was assigned a month before and can still be opened', async () => {
  world.forward(29 * DAY_MS);
  const { recordings, detail } = await ask();
  expect(recordings.map((one) => [one.recording, one.ways])).toEqual([[recording, ['grant']]]);
  expect(detail).toMatchObject({ unused: [{ recording }] });
});

it('does not read events that nothing live can follow from', async () => {
  world.forward(17 * DAY_MS);
  const { log, recordings } = await ask();
  expect(log.from).toBeGreaterThan(OLD);
  expect(log.unreadable).toBe(0);
  expect(recordings).toEqual([]);
});
