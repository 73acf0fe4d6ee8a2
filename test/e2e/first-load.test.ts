// Bytes that a browser with an empty cache loads before the console is usable: page, scripts, styles, font, as
// transferred.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const MOST_BYTES = 400_000;

/** Loads a page with an empty cache and counts the transferred bytes of bodies. */
async function loaded({ page, context }: Person, path: string): Promise<number> {
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.clearBrowserCache');
  const heads = new Map<string, number>();
  let bytes = 0;
  client.on('Network.responseReceived', ({ requestId, response }) => heads.set(requestId, response.encodedDataLength));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength - (heads.get(requestId) ?? 0);
  });
  await page.goto(path);
  await untilLoaded({ page });
  await page.waitForTimeout(500);
  process.stdout.write(`measured: ${path} ${bytes} bytes\n`);
  await client.detach();
  return bytes;
}

describe.skipIf(!chromium.present)(`the first load ${chromium.reason}`, () => {
  const stage = sharedStage();

  test('is under 400 kB for the sign-in page and for each other page', async () => {
    const { tenant, reviewer, supervisor } = stage.world.harbour;
    const pages: readonly [Person, string][] = [
      [await stage.visitor(), '/sign-in'],
      [await stage.signIn(tenant, reviewer), '/recordings'],
      [await stage.signIn(tenant, reviewer), '/my-queue'],
      [await stage.signIn(tenant, supervisor), '/approvals'],
      [await stage.signIn(tenant, supervisor), '/assignments'],
    ];
    for (const [person, path] of pages) {
      const bytes = await loaded(person, path);
      expect(bytes, path).toBeGreaterThan(100_000);
      expect(bytes, path).toBeLessThan(MOST_BYTES);
    }
  });
});
