// Exports of contact centres: Genesys Cloud's folders and Amazon Connect's bucket, as their documentation describes them.
import { describe, expect, it } from 'vitest';
import { amazonConnect } from '../../src/connectors/amazon-connect.ts';
import { genesysExport } from '../../src/connectors/genesys-export.ts';
import type { Layout } from '../../src/connectors/layout.ts';

const CONVERSATION = 'ea4303d8-014e-44f9-b770-5b15e6f86f1f';
const RECORDING = '0261adc0-0618-4652-ac76-de176e1c431c';
const FOLDER = `org/year=2026/month=3/day=2/hour=9/conversation_id=${CONVERSATION}`;
const ABOUT = {
  conversationId: CONVERSATION,
  recordingId: RECORDING,
  startTime: '2026-03-02T09:15:04.873+0000',
  endTime: '2026-03-02T09:15:30.493+0000',
  durationMs: 25_620,
  initialDirection: 'OUTBOUND',
  mediaType: 'call',
  mediaSubtype: 'Trunk',
  provider: 'Edge',
  userIds: ['usr-1', 'usr-2'],
  queueIds: ['que-1'],
  ani: 'tel:+442079460456',
  dnis: 'sip:+442079460123@example.org;user=phone',
};
const CONTACT = '6f1b6c52-3a7e-4f0e-9a53-0d7d4b0a1c01';

function read(layout: Layout, path: string, files: Readonly<Record<string, unknown>>): unknown {
  const texts = new Map(
    Object.entries(files).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  const beside = layout.besideOf(path).flatMap((name): [string, string][] => {
    const text = texts.get(name);
    return text === undefined ? [] : [[name, text]];
  });
  return layout.read(path, new Map(beside));
}

describe('an export of Genesys Cloud', () => {
  const metadata = {
    call_id: CONVERSATION,
    leg: RECORDING,
    interaction: CONVERSATION,
    started_at: '2026-03-02T09:15:04.873+00:00',
    direction: 'outbound',
    from: '+442079460456',
    to: '+442079460123',
    agent: 'usr-1',
    queue: 'que-1',
    fields: { 'media-subtype': 'trunk', provider: 'Edge', 'other-agents': 'usr-2' },
  };
  const key = { callId: CONVERSATION, leg: RECORDING };

  it.each([
    ['.opus', `${RECORDING}.opus_metadata.json`],
    ['.ogg', `${RECORDING}.opus_metadata.json`],
    ['.wav', `${RECORDING}.wav_metadata.json`],
    ['.mp3', `${RECORDING}_metadata.json`],
  ])('has recordings as %s with %s', (ending, sidecar) => {
    const path = `${FOLDER}/${RECORDING}${ending}`;
    expect(genesysExport.roleOf(path)).toBe('recording');
    expect(genesysExport.roleOf(`${FOLDER}/${sidecar}`)).toBe('metadata');
    expect(read(genesysExport, path, { [`${FOLDER}/${sidecar}`]: ABOUT })).toEqual({ key, metadata, audio: path });
  });

  it('is understood in a copy whose folders lost the equals sign, and with few members', () => {
    const folder = `originalAudio/conversation_id${CONVERSATION}`;
    const path = `${folder}/${RECORDING}.opus`;
    const few = { [`${path}_metadata.json`]: { startTime: '2026-03-02T09:15:04Z' } };
    expect(read(genesysExport, path, few)).toEqual({
      key,
      metadata: {
        call_id: CONVERSATION,
        leg: RECORDING,
        interaction: CONVERSATION,
        started_at: '2026-03-02T09:15:04Z',
      },
      audio: path,
    });
  });

  it.each([
    ['a screen recording by its metadata', { ...ABOUT, mediaType: 'screen' }, 'not-audio'],
    ['metadata of another recording', { ...ABOUT, recordingId: CONVERSATION }, 'metadata-differs'],
    ['metadata of another conversation', { ...ABOUT, conversationId: RECORDING }, 'metadata-differs'],
    ['metadata that is a list', '[]', 'metadata-unreadable'],
    ['metadata that ends too early', '{"conversationId"', 'metadata-unreadable'],
    ['metadata that is null', 'null', 'metadata-unreadable'],
  ])('reports %s', (_, about, why) => {
    const path = `${FOLDER}/${RECORDING}.mp4`;
    expect(read(genesysExport, path, { [`${path}_metadata.json`]: about })).toEqual({ why });
  });

  it('reports recordings without metadata, and other files', () => {
    expect(read(genesysExport, `${FOLDER}/${RECORDING}.opus`, {})).toEqual({ why: 'no-metadata' });
    expect(genesysExport.roleOf(`${FOLDER}/${RECORDING}.webm`)).toEqual({ why: 'not-audio' });
    expect(genesysExport.roleOf(`org/${RECORDING}.opus`)).toEqual({ why: 'not-a-recording' });
    expect(genesysExport.roleOf(`${FOLDER}/${CONVERSATION}.transcript.json`)).toEqual({ why: 'not-a-recording' });
  });
});

describe('a bucket of Amazon Connect', () => {
  const calls = 'connect/harbour/CallRecordings/2026/03/02';
  const analysis = 'connect/harbour/Analysis/Voice/2026/03/02';

  it.each(['T09:15', 'T0915', 'T09_15', 'T09%3A15'])('has recordings at the time that %s names', (time) => {
    const path = `${calls}/${CONTACT}_20260302${time}_UTC.wav`;
    expect(amazonConnect.roleOf(path)).toBe('recording');
    expect(read(amazonConnect, path, {})).toEqual({
      key: { callId: CONTACT, leg: '0' },
      metadata: { call_id: CONTACT, started_at: '2026-03-02T09:15:00Z' },
      audio: path,
    });
  });

  it('has transcripts of Contact Lens in their language', () => {
    const path = `${analysis}/${CONTACT}_analysis_2026-03-02T09_20_00Z.json`;
    const about = { Transcript: [], LanguageCode: 'en-US', CustomerMetadata: { ContactId: CONTACT.toUpperCase() } };
    expect(amazonConnect.roleOf(path)).toBe('transcript');
    expect(read(amazonConnect, path, { [path]: about })).toEqual({
      key: { callId: CONTACT, leg: '0' },
      transcript: { path, language: 'en-US' },
    });
    const faults: [unknown, string][] = [
      [{ ...about, CustomerMetadata: { ContactId: RECORDING } }, 'metadata-differs'],
      [{ ...about, ContentMetadata: { Output: 'Redacted' } }, 'redacted-copy'],
      [{ Transcript: [] }, 'no-language'],
      [{ Segments: [] }, 'metadata-unreadable'],
      ['{', 'metadata-unreadable'],
    ];
    for (const [text, why] of faults) expect(read(amazonConnect, path, { [path]: text })).toEqual({ why });
  });

  it.each([
    [
      `connect/harbour/Analysis/Voice/Redacted/2026/03/02/${CONTACT}_analysis_redacted_2026-03-02T09_20_00Z.json`,
      'redacted-copy',
    ],
    [
      `connect/harbour/Analysis/Voice/Redacted/2026/03/02/${CONTACT}_call_recording_redacted_2026-03-02T09_20_00Z.wav`,
      'redacted-copy',
    ],
    [`connect/harbour/Analysis/Chat/2026/03/02/${CONTACT}_analysis_2026-03-02T09_20_00Z.json`, 'not-audio'],
    [`connect/harbour/ChatTranscripts/2026/03/02/${CONTACT}_20260302T09:15_UTC.json`, 'not-audio'],
    [`${calls}/notes.txt`, 'not-a-recording'],
    [`${calls}/${CONTACT}.wav`, 'not-a-recording'],
  ])('reports %s as %s', (path, why) => {
    expect(amazonConnect.roleOf(path)).toEqual({ why });
  });
});
