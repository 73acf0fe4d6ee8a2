// Reads that a page makes by itself: the log records each under the person's name, so none is superfluous.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`readings of facts ${chromium.reason}`, () => {
  const stage = sharedStage();
  let shown: string;
  let other: string;
  beforeAll(async () => {
    const ids = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    shown = ids.get('harbour-1-lost-card.wav') ?? '';
    other = ids.get('harbour-3-transfer-zh.wav') ?? '';
  });

  const readsOf = ({ requests }: Person, id: string): number =>
    requests.filter((request) => request === `GET ${stage.url}/v1/recordings/${id}`).length;

  /** Ends a grant, and waits until the page has received the event and refetched. */
  const revoke = async (person: Person, grant: string): Promise<void> => {
    const { page } = person;
    const lists = page.waitForResponse((reply) => /\/v1\/grants\?/.test(reply.url()));
    await stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key: stage.world.harbour.supervisor.key });
    await lists;
    await untilLoaded(person);
    await page.waitForTimeout(1000);
  };

  test('refetches a recording’s facts only for events of that recording, once for each end', async () => {
    const { harbour } = stage.world;
    const [here, elsewhere] = [await stage.world.grant(harbour, shown), await stage.world.grant(harbour, other)];
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    const { page } = person;
    await page.goto(`/recordings/${shown}`);
    await page.getByRole('button', { name: 'Listen' }).click();
    await page.locator('.ln').first().waitFor();
    await page.waitForTimeout(1000);
    const before = readsOf(person, shown);
    await revoke(person, elsewhere);
    expect(readsOf(person, shown)).toBe(before);
    await revoke(person, here);
    await page.getByRole('heading', { name: /^Ended by/ }).waitFor();
    expect(readsOf(person, shown)).toBe(before + 1);
    expect(readsOf(person, other)).toBe(0);
  });

  test('reads them once on the request page', async () => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    await person.page.goto(`/recordings/${shown}/ask`);
    await person.page.getByLabel('Reason').waitFor();
    await untilLoaded(person);
    await person.page.waitForTimeout(1000);
    expect(readsOf(person, shown)).toBe(1);
  });
});
