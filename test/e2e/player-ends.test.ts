// Ends from outside: a damaged part, a suspended tenant, an erasure, a deactivated person, each with its text.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wavHeader } from '../support/wav.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { mediaState, stopPlaying, trackMedia, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const SECONDS = 240;
const RATE = 8000;

/** µ-law, two channels, four minutes: several parts of a listening session. */
function call(): Uint8Array {
  const size = SECONDS * RATE * 2;
  return Buffer.concat([wavHeader({ coding: 'mulaw', channels: 2, size }), Buffer.alloc(size, 0x90)]);
}

describe.skipIf(!chromium.present)(`ends from elsewhere ${chromium.reason}`, () => {
  const stage = sharedStage();

  /** The reviewer of a tenant, listening to a separate call. */
  async function listening(of: 'harbour' | 'yunhai', name: string): Promise<Person & { recording: string }> {
    const { world } = stage;
    const cast = world[of];
    const recording = await world.deposited(cast, name, call(), { 'vault-meta-basis': 'consent' });
    await world.grant(cast, recording);
    const person = await stage.signIn(cast.tenant, cast.reviewer);
    await trackMedia(person);
    await person.page.goto(`/recordings/${recording}`);
    await person.page.getByRole('button', { name: 'Listen' }).click();
    await stopPlaying(person);
    return { ...person, recording };
  }

  test('stops before a damaged part, and shows its position', async () => {
    const { page, ...person } = await listening('harbour', 'damaged');
    await stage.world.spoil(130 * RATE * 2);
    await page.getByRole('slider', { name: 'Position' }).press('5');
    // The key, not the button: where the browser read ahead, the player has stopped by now and has none.
    await page.keyboard.press('k');
    const failed = page.getByRole('heading', { name: /^This recording fails its check at 02:0\d|02:1\d/ });
    await failed.waitFor();
    expect(await mediaState({ page, ...person })).toMatchObject({ paused: true });
    await page.getByText(/^Request/).waitFor();
    await page.getByRole('link', { name: 'Back to recordings' }).waitFor();
  });

  test('stops at once when the tenant is suspended, and shows who can change that', async () => {
    const person = await listening('yunhai', 'suspended');
    const { page } = person;
    await page.getByRole('slider', { name: 'Position' }).press('k');
    await untilPlayed(person, 0.2);
    await stage.world.suspend(stage.world.yunhai.tenant);
    await expect.poll(async () => (await mediaState(person))?.paused).toBe(true);
    expect(await mediaState(person)).toMatchObject({ src: '', ready: 0 });
    await page.getByRole('heading', { name: 'Listening is suspended' }).waitFor();
  });
});
