// Transcripts of speech recognizers in the player: speakers by role, by channel of the recording or by number; times, text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav, wavHeader } from '../support/wav.ts';
import { uploadTranscript } from './support/calls.ts';
import { expectAccessibleAndInside } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { listenTo, stopPlaying } from './support/steps.ts';

const chromium = needs('chromium');
const FOLDER = join(import.meta.dirname, '../vectors/transcripts');
const SECOND = 16_000;

/** What each transcript shows: the time, the speaker in English and in Chinese, the text. */
const SHOWN = {
  'contact-lens.json': [
    ['00:00', 'HB-2107', 'HB-2107', 'Harbour Bank, good morning.'],
    ['00:02', 'Customer', '客户', /^My number is /],
  ],
  // Of two channels, as the recording has them.
  'deepgram-channels.json': [
    ['00:00', 'HB-2107', 'HB-2107', 'Good morning.'],
    ['00:02', 'Customer', '客户', 'Hello, there.'],
  ],
  'deepgram-utterances.json': [
    ['00:00', 'Speaker 1', '说话人 1', 'Good morning.'],
    ['00:02', 'Speaker 2', '说话人 2', 'Hello, there.'],
  ],
  'whisper.json': [
    ['00:00', 'Unknown speaker', '说话人未知', 'Good morning.'],
    ['00:02', 'Unknown speaker', '说话人未知', 'Hello, there.'],
  ],
} as const;
type Name = keyof typeof SHOWN;
/** Whose lines have roles. */
const HAS_ROLES: readonly string[] = ['contact-lens.json', 'deepgram-channels.json'];

/** A minute of one channel, or of two: a slow machine must not reach the end before it pauses. */
function audioOf(channels: number): Buffer {
  const size = 60 * SECOND * channels;
  return Buffer.concat([wavHeader({ coding: 'pcm16', channels, size }), wav(size).subarray(44)]);
}

describe.skipIf(!chromium.present)(`the transcript of a recognizer ${chromium.reason}`, () => {
  const stage = sharedStage();
  const recordings = new Map<string, string>();
  beforeAll(async () => {
    const { world } = stage;
    for (const name of Object.keys(SHOWN)) {
      const headers = { 'vault-meta-basis': 'consent', 'vault-meta-agent': 'HB-2107' };
      const recording = await world.deposited(
        world.harbour,
        name,
        audioOf(name === 'deepgram-channels.json' ? 2 : 1),
        headers,
      );
      const text = readFileSync(join(FOLDER, name), 'utf8');
      await uploadTranscript(world, world.harbour, recording, 'en', text, 'application/json');
      recordings.set(name, recording);
    }
  });

  async function listen(name: Name, look: Look): Promise<Person> {
    const person = await listenTo(stage, recordings.get(name) ?? '', look);
    await stopPlaying(person);
    return person;
  }

  const linesOf = (page: Page) =>
    page
      .locator('.script .ln')
      .evaluateAll((lines) =>
        lines
          .map((line) => ['.t', '.sp', '.x'].map((part) => line.querySelector<HTMLElement>(part)))
          .map(([time, speaker, text]) => [time?.textContent, speaker?.title, text?.textContent]),
      );

  test.each(
    (Object.keys(SHOWN) as Name[]).flatMap((name) =>
      (['en', 'zh-CN'] as const).map((language) => ({ name, language })),
    ),
  )('$name in $language shows who says what, and when', async ({ name, language }) => {
    const person = await listen(name, { language });
    const { page } = person;
    await page.locator('.script .ln').nth(1).waitFor();
    const said = SHOWN[name].map(([time, en, zh, text]) => [
      time,
      language === 'en' ? en : zh,
      typeof text === 'string' ? text : expect.stringMatching(text),
    ]);
    expect(await linesOf(page)).toEqual(said);
    // Nothing calls a speaker agent whom neither the transcript nor a channel names so.
    const roles = page.locator('.share, .script').getByText(/^(Agent|Customer|坐席|客户)$/);
    expect((await roles.count()) > 0).toBe(HAS_ROLES.includes(name));
    await expectAccessibleAndInside(person);
  });
});
