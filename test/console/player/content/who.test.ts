// Who says the lines of a transcript: agent and customer only where a role or the channels of the recording say so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';
import { whoInVoices, whoSays } from '../../../../src/console/player/content/who.ts';

const FOLDER = join(import.meta.dirname, '../../../vectors/transcripts');
const VTT = 'WEBVTT\n\n00:01.000 --> 00:02.000\n';
const SRT = '1\n00:00:01,000 --> 00:00:02,000\n';

function whoIn(type: string, text: string, channels: number | null) {
  const lines = readTranscript(type, text) ?? [];
  const who = whoSays(lines, channels);
  return { lines: lines.map(who), voices: whoInVoices(lines, who) };
}

const fixture = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

const ROLES = ['agent', 'customer'];
const UNKNOWN = ['unknown', 'unknown'];

describe('who says a line', () => {
  it.each([
    // A role counts, whatever the channels.
    ['contact-lens.json', 1, ROLES],
    ['call-analytics.json', null, ROLES],
    ['genesys-cloud.json', 1, ROLES],
    // Of two channels, the first is the agent's; of audio of one, or of many, none is.
    ['deepgram-channels.json', 2, ROLES],
    ['deepgram-channels.json', null, ROLES],
    ['deepgram-channels.json', 1, [1, 2]],
    ['deepgram-channels.json', 4, [1, 2]],
    ['transcribe-channels.json', 2, ROLES],
    ['google-channels.json', 2, ROLES],
    ['azure-batch.json', 2, ROLES],
    ['whisper-cpp.json', 2, ROLES],
    // Voices that the recognizer only separates are no one's role, on two channels neither.
    ['deepgram-utterances.json', 2, [1, 2]],
    ['transcribe-speakers.json', 1, [1, 2]],
    ['google-speakers.json', null, [1, 2]],
    ['azure-fast.json', 1, [1, 2]],
    ['whisperx.json', 1, [1, 2]],
    ['whisper.json', 1, UNKNOWN],
    ['whisper.json', 2, UNKNOWN],
  ] as const)('of %s with %s channels', (name, channels, expected) => {
    const { lines, voices } = whoIn('application/json', fixture(name), channels);
    expect(lines).toEqual(expected);
    expect(voices).toEqual(expected === UNKNOWN ? null : expected);
  });

  it('of WebVTT and SRT is a role that is named, else a number, else unknown', () => {
    expect(whoIn('text/vtt', `${VTT}<v Agent>One`, 1).lines).toEqual(['agent']);
    expect(whoIn('text/vtt', `${VTT}<v Alice>One`, 2).lines).toEqual([1]);
    expect(whoIn('text/vtt', `${VTT}One`, 2).lines).toEqual(['unknown']);
    expect(whoIn('application/x-subrip', `${SRT}客户：好`, 1).lines).toEqual(['customer']);
    expect(whoIn('application/x-subrip', `${SRT}Speaker 7: One`, 1).lines).toEqual([1]);
    expect(whoIn('application/x-subrip', `${SRT}One`, 1).lines).toEqual(['unknown']);
  });

  it('of callvault’s own form is the agent on channel 0, and the customer on channel 1', () => {
    const segments = [0, 1, 2].map((channel) => ({ start_ms: channel, end_ms: 9, channel, text: 'One' }));
    const own = JSON.stringify({ v: 1, language: 'en', segments });
    expect(whoIn('application/vnd.callvault.transcript+json', own, 1).lines).toEqual(['agent', 'customer', 3]);
  });

  it('of one channel without a speaker is unknown, unless the recording has two', () => {
    const text = JSON.stringify({
      recognizedPhrases: [{ channel: 0, offsetInTicks: 0, durationInTicks: 9, nBest: [{ display: 'One' }] }],
    });
    expect(whoIn('application/json', text, 1)).toEqual({ lines: ['unknown'], voices: null });
    expect(whoIn('application/json', text, null).lines).toEqual(['unknown']);
    expect(whoIn('application/json', text, 2).lines).toEqual(['agent']);
  });

  it('in the second voice of the marks is all but the first speaker', () => {
    const voicesOf = (...names: readonly string[]) =>
      whoIn(
        'text/vtt',
        names.reduce((file, name) => `${file}\n\n00:01.000 --> 00:02.000\n<v ${name}>One`, 'WEBVTT'),
        1,
      ).voices;
    expect(voicesOf('A')).toEqual([1, 2]);
    expect(voicesOf('A', 'B', 'A')).toEqual([1, 2]);
    expect(voicesOf('A', 'B', 'C')).toEqual([1, 'others']);
    expect(voicesOf('Agent', 'IVR')).toEqual(['agent', 'customer']);
    expect(voicesOf()).toBeNull();
  });
});
