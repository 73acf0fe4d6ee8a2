// The drill of a log in Chromium in small: npm run drill:log -- --chromium does it with a million events.
import { describe, expect, test } from 'vitest';
import { drillInChromium } from '../drill/log-in-chromium.ts';
import { needs } from '../support/needs.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`the drill of a log in a browser ${chromium.reason}`, () => {
  test('checks every event, and the signature of the checkpoint', async () => {
    const lines: string[] = [];
    const done = await drillInChromium(3_000, (line) => lines.push(line));
    expect(done.events).toBeGreaterThanOrEqual(3_000);
    expect(done.said).toMatch(/^[\d,]+ events since .* agree with their hashes, none missing$/);
    expect(lines).toContain('  Signed with the log’s key: the checkpoint, by the key that you entered');
    expect(done.seconds).toBeGreaterThan(0);
  });
});
