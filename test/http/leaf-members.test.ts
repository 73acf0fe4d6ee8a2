// What events say for a check without the service: the policy in force, sessions allowed, data keys unwrapped.
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { createLogCheck } from '../../src/model/log/check.ts';
import { type Leaf, readLeaf } from '../../src/model/log/leaf.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { addFurtherPasskey, addPasskeyTo, signInBrowser } from '../support/browser.ts';
import { ENGINES } from '../support/engines.ts';
import { startGeneration } from '../support/volume.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('events on $engine $reason', ({ engine, present }) => {
  const world: World = sharedWorld({}, engine);
  let recording: string;

  beforeAll(async () => {
    if (present) recording = await world.deposited(world.harbour, 'members', wav(1_000));
  });

  const stored = () => world.vault.db.read((rows) => rows.log.events(world.harbour.tenant, 0, 100_000), wait());
  const newest = async (action: string): Promise<Leaf['object']> => {
    const leaves = (await stored()).flatMap(({ leaf }) => readLeaf(leaf) ?? []);
    return leaves.findLast((leaf) => leaf.action === action)?.object ?? expect.fail(`no event ${action}`);
  };
  const policies = () => world.vault.db.read((rows) => rows.tenants.policies(world.harbour.tenant, null, 100), wait());
  const call = (path: string, method = 'GET') => world.call(method, path, { key: world.harbour.reviewer.key });
  /** A session that reads the audio and its peaks so many times. */
  const unwrapsOf = async (times: number): Promise<unknown> => {
    const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
    for (let n = 0; n < times; n++) expect((await call(`/v1/sessions/${session}/media`)).status).toBe(200);
    await call(`/v1/sessions/${session}`, 'DELETE');
    return (await newest('session.ended'))['unwraps'];
  };

  it.runIf(present)('name the policy in force, and how many sessions a grant allows', async () => {
    const [policy] = await policies();
    const grant = await world.grant(world.harbour, recording);
    expect(await newest('access.approved')).toMatchObject({ grant, uses: 3 });
    await world.session(world.harbour, grant);
    expect(await newest('session.opened')).toMatchObject({ policy: policy?.id });
    const digest = sha256(Buffer.from(policy?.body ?? '')).toString('hex');
    expect(await newest('tenant.created')).toMatchObject({ policy: policy?.id, sha256: digest });
  });

  it.runIf(present)('count the data keys that a session unwrapped, each once a process', async () => {
    expect(await unwrapsOf(0)).toBe(0);
    expect(await unwrapsOf(1)).toBe(1);
    expect(await unwrapsOf(3)).toBe(1);
  });

  it.runIf(present)('count them in volume mode too', async () => {
    await startGeneration(world.vault, world.harbour.tenant, true);
    const lent = await world.deposited(world.harbour, 'lent', wav(1_000));
    [recording] = [lent];
    expect(await unwrapsOf(2)).toBe(1);
  });

  it.runIf(present)(
    'name the sign-in in which a passkey was added and its key; a further one also its proof',
    async () => {
      const { id } = await world.person(world.harbour.tenant, ['reviewer']);
      const browser = await signInBrowser(world, world.harbour.tenant, id);
      const key = await addPasskeyTo(browser);
      const first = await newest('passkey.added');
      await addFurtherPasskey(browser, key);
      const second = await newest('passkey.added');
      expect(first).toEqual({
        ...{ type: 'passkey', id: expect.stringMatching(/^pky_/), principal: id },
        ...{ key: expect.any(String), sign_in: expect.stringMatching(/^sgn_/) },
      });
      const proof = await newest('proof.given');
      expect(second).toEqual({ ...first, id: second.id, key: expect.any(String), proof: proof.id });
      expect(second['key']).not.toBe(first['key']);
    },
  );

  it.runIf(present)('leave nothing to find, with the texts of the policies', async () => {
    const bodies = new Map((await policies()).map(({ id, body }) => [id, Buffer.from(body)]));
    const name = logName(world.vault.settings.origin, world.harbour.tenant);
    const besides = { policies: (id: string) => bodies.get(id) ?? null };
    const check = createLogCheck(name, 'whole', { ...proofCrypto, url: 'https://vault.example' }, besides);
    for (const event of await stored()) check.add(event, leafHash(event.leaf));
    expect(check.checked().findings).toEqual([]);
  });
});
