// Call of an hour with three thousand lines: bytes before playback, speed of seeking, scrolling.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wavHeader } from '../support/wav.ts';
import { uploadTranscript } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { sharedStage } from './support/stage.ts';
import { mediaState, stopPlaying, trackMedia, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const SECONDS = 3600;
const RATE = 8000;
const LINES = 3000;
const MIB = 1024 * 1024;

/** µ-law in two channels: tones that alternate between the channels. */
function longCall(): Uint8Array {
  const size = SECONDS * RATE * 2;
  const wav = Buffer.concat([wavHeader({ coding: 'mulaw', channels: 2, size }), Buffer.alloc(size, 0xff)]);
  for (let sample = 0; sample < SECONDS * RATE; sample += 1) {
    const channel = Math.floor(sample / (RATE * 6)) % 2;
    if (sample % (RATE * 6) < RATE * 5 && sample % 16 < 8) wav[44 + sample * 2 + channel] = 0x90;
  }
  return wav;
}

function longTranscript(): string {
  const segments = Array.from({ length: LINES }, (_, n) => ({
    ...{ start_ms: n * 1200, end_ms: n * 1200 + 1100, channel: n % 2 },
    text: `Line ${n} of a long call about one dispute and how it ends.`,
  }));
  return JSON.stringify({ v: 1, language: 'en', segments });
}

describe.skipIf(!chromium.present)(`an hour’s call ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    const { world } = stage;
    recording = await world.deposited(world.harbour, 'long', longCall(), { 'vault-meta-basis': 'consent' });
    await uploadTranscript(world, world.harbour, recording, 'en', longTranscript());
    await world.grant(world.harbour, recording);
  });

  test('plays after less than a mebibyte, seeks at once, and scrolls its transcript smoothly', async () => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    const { page, complaints } = person;
    await trackMedia(person);
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const media = new Set<string>();
    let fetched = 0;
    network.on('Network.requestWillBeSent', ({ requestId, request }) => {
      if (request.url.endsWith('/media')) media.add(requestId);
    });
    network.on('Network.dataReceived', ({ requestId, dataLength }) => {
      if (media.has(requestId)) fetched += dataLength;
    });
    await page.goto(`/recordings/${recording}`);
    await page.getByRole('button', { name: 'Listen' }).click();
    const slider = page.getByRole('slider', { name: 'Position' });
    await stopPlaying(person);
    await page.locator('.ln').first().waitFor();
    await page.waitForTimeout(1500);
    expect(fetched).toBeLessThan(MIB);

    const before = (await mediaState(person))?.time ?? 0;
    const pressed = Date.now();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await untilPlayed(person, before + 0.01);
    reportMeasurement('play pressed to heard', Date.now() - pressed);

    const seeks: number[] = [];
    for (const key of ['5', '2', '8', '3', '9']) {
      await slider.focus();
      const seek = page.evaluate(() => {
        const { kept } = window as unknown as { kept: HTMLAudioElement };
        return new Promise<number>((resolve) => {
          let begun = 0;
          kept.addEventListener('seeking', () => (begun = performance.now()), { once: true });
          kept.addEventListener('seeked', () => resolve(performance.now() - begun), { once: true });
        });
      });
      await page.keyboard.press(key);
      seeks.push(await seek);
    }
    reportMeasurement('a seek, the middle of five', [...seeks].sort((one, other) => one - other)[2] ?? 0);

    const frames = await page.evaluate(async () => {
      const lines = document.querySelector('.lines');
      const times: number[] = [];
      let before = performance.now();
      for (let n = 0; n < 120; n += 1) {
        if (lines !== null) lines.scrollTop += 400;
        await new Promise(requestAnimationFrame);
        times.push(performance.now() - before);
        before = performance.now();
      }
      return { times: times.sort((one, other) => one - other), rows: document.querySelectorAll('.lines li').length };
    });
    reportMeasurement('a frame while scrolling, the slowest but five', frames.times.at(-6) ?? 0);
    expect(frames.rows).toBeLessThan(80);
    const field = page.getByRole('textbox', { name: 'Find in the transcript' });
    await field.fill('dispute');
    await expect.poll(() => page.locator('.seek .n').textContent()).toContain(`/ ${LINES}`);
    for (const [width, height] of [
      [800, 900],
      [390, 844],
      [320, 600],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.getByRole('tab', { name: 'Transcript' }).click();
      await page.locator('.ln').first().waitFor();
      expect(await page.locator('.lines li').count()).toBeLessThan(80);
    }
    expect(complaints).toEqual([]);
  });
});
