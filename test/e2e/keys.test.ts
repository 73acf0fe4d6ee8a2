// Keys page in a browser: an operator watches a re-wrap to its end, and gets the next command.
import { beforeAll, describe, expect, test } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { needs } from '../support/needs.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { until } from '../support/until.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const op = operatorActor('op-17');
const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe.skipIf(!chromium.present)(`keys in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  let operator: string;
  beforeAll(async () => {
    operator = await stage.world.operator('ops-7');
    await seedDeposits(stage.world.vault, stage.world.harbour.tenant, 600, request());
  });

  const come = async (look = {}): Promise<Person> => {
    const person = await stage.signIn('deployment', { id: operator }, look);
    await person.page.getByRole('table').first().waitFor();
    return person;
  };

  test.each(LOOKS)('with a dry run open, %o', async (look) => {
    const person = await come(look);
    const { page } = person;
    await expectAccessibleAndInside(person);
    await page.getByRole('button', { name: /Dry run for Harbour|Harbour Bank的试算/ }).click();
    await page.getByText(`callvault keys rotate ${stage.world.harbour.tenant}`).waitFor();
    await page.waitForTimeout(300);
    await expectAccessibleAndInside(person);
  });

  test('follows a rotation from the first key to the last envelope and the retirement', async () => {
    const { vault, harbour } = stage.world;
    const person = await come();
    const { page } = person;
    await raiseGeneration(vault, op, harbour.tenant, request());
    await page.getByRole('button', { name: 'Count again' }).click();
    await page.getByRole('heading', { name: 'Harbour Bank is not yet all at generation 2' }).waitFor();
    await page.getByText(`callvault keys rewrap ${harbour.tenant}`).waitFor();
    await page.getByText('600 keys still need it').waitFor();
    await expectAccessibleAndInside(person);

    const seen: number[] = [];
    const bar = page.getByRole('progressbar', { name: 'Re-wrapped' });
    const watch = setInterval(() => {
      void bar
        .getAttribute('aria-valuenow', { timeout: 5_000 })
        .then((value) => seen.push(Number(value)))
        .catch(() => undefined);
    }, 250);
    // Half of the re-wrap waits until the page has shown the other half, so that its speed does not matter.
    let calls = 0;
    const rewrap: typeof vault.keys.rewrap = async (...given) => {
      if (++calls > 300) await until('the bar was seen', () => seen.length > 0, { everyMs: 50 });
      return vault.keys.rewrap(...given);
    };
    const slow = { ...vault, keys: { ...vault.keys, rewrap } };
    const pace = { rate: 1000, concurrency: 2, sample: 0 };
    await rewrapTenant(slow, op, harbour.tenant, pace, () => undefined, request());
    await page.getByRole('heading', { name: 'Harbour Bank uses generation 2 only' }).waitFor();
    clearInterval(watch);
    expect(seen.length).toBeGreaterThan(0);
    await page.getByText(`callvault keys retire ${harbour.tenant}`).waitFor();
    await retireKeys(vault, op, harbour.tenant, () => undefined, request());
    await page.getByRole('button', { name: 'Count again' }).click();
    await page.getByRole('button', { name: 'Dry run for Harbour Bank' }).waitFor();
  });

  test('does not keep the sign-in from idling out by polling', async () => {
    const { context, page } = await come();
    const asked = page.waitForRequest((sent) => sent.url().includes('/v1/keys'));
    expect((await asked).headers()['vault-background']).toBe('1');
    await context.close();
  });
});
