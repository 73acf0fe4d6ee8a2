// What a browser that has never been here fetches before it can be used: scripts, styles, font, page.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { openStage, type Stage } from './support/stage.ts';
import { settled } from './support/steps.ts';

const chromium = needs('chromium');
const MOST_BYTES = 400_000;

describe.skipIf(!chromium.present)(`the first load ${chromium.reason}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.end());

  test('is under 400 kB as it travels, sign-in and list together', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const visitor = await stage.visitor();
    const client = await visitor.context.newCDPSession(visitor.page);
    await client.send('Network.enable');
    let travelled = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => {
      travelled += encodedDataLength;
    });
    await visitor.page.goto('/sign-in');
    await settled(visitor);
    process.stdout.write(`measured: sign-in ${travelled} bytes\n`);
    const signedIn = await stage.signIn(tenant, reviewer);
    const session = await signedIn.context.newCDPSession(signedIn.page);
    await session.send('Network.enable');
    await session.send('Network.clearBrowserCache');
    let list = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      list += encodedDataLength;
    });
    await signedIn.page.goto('/recordings');
    await settled(signedIn);
    process.stdout.write(`measured: recordings ${list} bytes\n`);
    expect(travelled).toBeGreaterThan(100_000);
    expect(travelled).toBeLessThan(MOST_BYTES);
    expect(list).toBeGreaterThan(100_000);
    expect(list).toBeLessThan(MOST_BYTES);
  });
});
