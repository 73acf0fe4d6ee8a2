// Run by hand, once: `node --import tsx test/samples/make-samples.ts` (needs espeak-ng, sox and ffmpeg) rewrites the sample calls.
// Long because the six dialogues are written out in it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RATE = 8000;
const PER_MS = RATE / 1000;
const AGENT = 0;
const CALLER = 1;

/** [speaker, text, gap before the line in ms]; a negative gap overlaps the line before. */
type Line = readonly [who: typeof AGENT | typeof CALLER, text: string, gap: number];

interface Voice {
  name: string;
  pitch: number;
  speed: number;
  /** Peak of each line in dB below full scale. */
  peak: number;
}

interface Call {
  base: string;
  voices: readonly [agent: Voice, caller: Voice];
  lines: readonly Line[];
  meta: {
    tenant: 'harbour' | 'yunhai';
    source: string;
    call_id: string;
    from: string;
    to: string;
    agent: string;
    queue: string;
    ticket: string;
    direction: 'inbound' | 'outbound';
    started_at: string;
    language: string;
    encoding: 'pcm16' | 'mulaw';
    file_name: string;
  };
}

const CALLS: readonly Call[] = [
  {
    base: 'harbour-1-lost-card',
    voices: [
      { name: 'en-gb+f3', pitch: 52, speed: 205, peak: -4 },
      { name: 'en-gb+m3', pitch: 36, speed: 200, peak: -6 },
    ],
    lines: [
      [AGENT, 'Good morning, Harbour Bank, Priya speaking.', 300],
      [CALLER, "Hello, I've lost my debit card.", 350],
      [AGENT, "I'm sorry to hear that. May I take your name?", 250],
      [CALLER, 'Tom Ashdown.', 400],
      [AGENT, 'Thank you. When did you last use it?', 250],
      [CALLER, 'Last night, at the station.', 450],
      [AGENT, "I can see that. Eight pounds forty. I've blocked the card.", 1500],
      [CALLER, 'Great. And a new one?', 250],
      [AGENT, 'It will be with you by Friday.', 300],
      [CALLER, 'Thanks for your help.', 250],
    ],
    meta: {
      tenant: 'harbour',
      source: 'freeswitch',
      call_id: '6f1d2c0e-58b7-4a39-9d14-b3e07a92c5f8',
      from: '+442079460123',
      to: '+442079460800',
      agent: 'HB-2107',
      queue: 'cards',
      ticket: 'HB-48211',
      direction: 'inbound',
      started_at: '2025-09-03T08:14:07Z',
      language: 'en-GB',
      encoding: 'mulaw',
      file_name: '6f1d2c0e-58b7-4a39-9d14-b3e07a92c5f8.wav',
    },
  },
  {
    base: 'harbour-2-payment-check',
    voices: [
      { name: 'en-gb-scotland+m7', pitch: 45, speed: 215, peak: -5 },
      { name: 'en-gb-x-rp+f2', pitch: 60, speed: 210, peak: -4 },
    ],
    lines: [
      [CALLER, 'Hello?', 250],
      [AGENT, 'Mrs Lindqvist? Callum, from Harbour Bank.', 250],
      [CALLER, 'Oh, yes?', 250],
      [AGENT, "We've held a payment of nine hundred pounds. Was it you?", 200],
      [CALLER, "Yes, that's my builder.", 350],
      [AGENT, "Fine. I'll release it now.", 250],
      [CALLER, 'Thank you for checking.', 200],
      [AGENT, 'Goodbye.', 200],
    ],
    meta: {
      tenant: 'harbour',
      source: 'genesys',
      call_id: 'c0a7e9b4-1f63-4d0c-8e25-7720d5f1ab36',
      from: '+442079460800',
      to: '+442079460177',
      agent: 'HB-1984',
      queue: 'fraud-checks',
      ticket: 'HB-48240',
      direction: 'outbound',
      started_at: '2025-09-03T13:41:52Z',
      language: 'en-GB',
      encoding: 'pcm16',
      file_name: 'HB-1984_20250903T134152Z_c0a7e9b4.wav',
    },
  },
  {
    base: 'harbour-3-transfer-zh',
    voices: [
      { name: 'cmn+f2', pitch: 55, speed: 235, peak: -4 },
      { name: 'cmn+m3', pitch: 35, speed: 230, peak: -6 },
    ],
    lines: [
      [AGENT, '您好，港湾银行，请讲。', 300],
      [CALLER, '我的汇款还没有到账。', 350],
      [AGENT, '请问您贵姓？', 250],
      [CALLER, '姓林，双木林。', 350],
      [AGENT, '林先生，是哪一天汇的？', 250],
      [CALLER, '星期一，五百英镑。', 400],
      [AGENT, '查到了，银行卡号少了一位。', 1300],
      [CALLER, '那怎么办？', 250],
      [AGENT, '钱明天退回，请您重新汇款。', 250],
      [CALLER, '明白了，谢谢。', 250],
    ],
    meta: {
      tenant: 'harbour',
      source: 'freeswitch',
      call_id: '91be54d3-0c7a-4e68-a2f9-46d8130bc7e5',
      from: '+8613800138000',
      to: '+442079460888',
      agent: 'HB-3052',
      queue: 'mandarin-desk',
      ticket: 'HB-48305',
      direction: 'inbound',
      started_at: '2025-09-04T07:02:30Z',
      language: 'zh-CN',
      encoding: 'mulaw',
      file_name: '91be54d3-0c7a-4e68-a2f9-46d8130bc7e5.wav',
    },
  },
  {
    base: 'yunhai-1-change-flight',
    voices: [
      { name: 'cmn+f4', pitch: 58, speed: 235, peak: -4 },
      { name: 'cmn+m7', pitch: 42, speed: 240, peak: -4 },
    ],
    lines: [
      [AGENT, '您好，云海旅行，我是小周。', 300],
      [CALLER, '我想改一下机票的日期。', 350],
      [AGENT, '请说订单的后四位。', 250],
      [CALLER, '四八一二。', 400],
      [AGENT, '是下周三去昆明的航班，改期要收三百元。', 1200],
      [CALLER, '等一下，这么贵？', -700],
      [AGENT, '是的。改到周五是免费的。', 350],
      [CALLER, '那就周五吧。', 300],
      [AGENT, '好的，已经改好了。', 1800],
      [CALLER, '好，再见。', 250],
    ],
    meta: {
      tenant: 'yunhai',
      source: 'genesys',
      call_id: '2b80f7d6-9e41-4c5a-b7d3-e85c60194fa2',
      from: '+8613900139000',
      to: '+861055550100',
      agent: '周晓岚',
      queue: '机票改签',
      ticket: 'YH-2025-0917',
      direction: 'inbound',
      started_at: '2025-09-05T02:26:18Z',
      language: 'zh-CN',
      encoding: 'mulaw',
      file_name: '周晓岚_20250905_102618.wav',
    },
  },
  {
    base: 'yunhai-2-hotel-confirm',
    voices: [
      { name: 'cmn+m1', pitch: 48, speed: 240, peak: -5 },
      { name: 'cmn+f5', pitch: 62, speed: 235, peak: -5 },
    ],
    lines: [
      [CALLER, '喂，你好。', 300],
      [AGENT, '您好，是何女士吗？我是云海旅行的。', 300],
      [CALLER, '是我，什么事？', 300],
      [AGENT, '您订的海景房满了，给您换一间山景房，可以吗？', 250],
      [CALLER, '价格一样吗？', 450],
      [AGENT, '便宜二百元，还送早餐。', 300],
      [CALLER, '那可以。', 300],
      [AGENT, '好的，祝您旅途愉快。', 250],
    ],
    meta: {
      tenant: 'yunhai',
      source: 'genesys',
      call_id: 'e47c1a95-63d8-4b02-91fe-0a5b9c37d284',
      from: '+861055550100',
      to: '+8613800138001',
      agent: '陈一鸣',
      queue: '酒店确认',
      ticket: 'YH-2025-0932',
      direction: 'outbound',
      started_at: '2025-09-05T09:10:44Z',
      language: 'zh-CN',
      encoding: 'mulaw',
      file_name: '陈一鸣_20250905_171044.wav',
    },
  },
  {
    base: 'yunhai-3-lost-bag-en',
    voices: [
      { name: 'en-us+f2', pitch: 50, speed: 205, peak: -4 },
      { name: 'en-us+m2', pitch: 40, speed: 205, peak: -6 },
    ],
    lines: [
      [AGENT, 'Yunhai Travel, this is Mei. How can I help?', 300],
      [CALLER, "Hi. My bag didn't arrive in Chengdu.", 350],
      [AGENT, 'Oh no. What is your booking code?', 300],
      [CALLER, 'Kilo, seven, Tango, two.', 400],
      [AGENT, 'Got it. Your bag is still in Shanghai.', 1000],
      [CALLER, 'When can I have it?', 250],
      [AGENT, 'Tonight, at your hotel.', 300],
      [CALLER, 'Perfect. Please call me at this number.', 250],
      [AGENT, 'We will. Have a nice evening.', 250],
    ],
    meta: {
      tenant: 'yunhai',
      source: 'freeswitch',
      call_id: '5d39b0c8-72ea-4f16-8c4b-d91f64a03e7b',
      from: '+14155550142',
      to: '+861055550101',
      agent: 'YH-0418',
      queue: 'english-desk',
      ticket: 'YH-2025-0940',
      direction: 'inbound',
      started_at: '2025-09-06T11:55:03Z',
      language: 'en-US',
      encoding: 'mulaw',
      file_name: '5d39b0c8-72ea-4f16-8c4b-d91f64a03e7b.wav',
    },
  },
];

/** Calls uploaded in another format than WAV: file ending and encoder. */
const SENT_FORMATS: Readonly<Record<string, readonly [ending: string, encoder: string]>> = {
  'harbour-2-payment-check': ['mp3', '-c:a libmp3lame -b:a 24k'],
  'yunhai-2-hotel-confirm': ['ogg', '-c:a libopus -b:a 24k -application voip'],
};

/** Samples below this count as silence (about -50 dB of full scale). */
const QUIET = 100;
/** Longest pause inside a line: espeak-ng pauses long at commas. */
const INNER_PAUSE = 130 * PER_MS;

/** Telephone band, with headroom for the filters' overshoot. */
const BAND = `gain -9 highpass 200 lowpass 3400 rate -v ${RATE}`;

function words(text: string): string[] {
  return text.split(' ');
}

/** Cuts silence at both ends of the voice and shortens the pauses in it. */
function shortenPauses(pcm: Int16Array): Int16Array {
  const out: number[] = [];
  let quiet: number[] = [];
  for (const sample of pcm) {
    if (Math.abs(sample) < QUIET) {
      quiet.push(sample);
      continue;
    }
    if (out.length > 0) {
      const half = INNER_PAUSE / 2;
      out.push(...(quiet.length <= INNER_PAUSE ? quiet : [...quiet.slice(0, half), ...quiet.slice(-half)]));
    }
    quiet = [];
    out.push(sample);
  }
  if (out.length === 0) throw new Error('espeak-ng said nothing');
  return Int16Array.from(out);
}

/** One line of speech in the telephone band, 8 kHz mono. */
function synthesize(work: string, voice: Voice, text: string): Int16Array {
  const spoken = join(work, 'line.wav');
  execFileSync('espeak-ng', ['-v', voice.name, '-p', `${voice.pitch}`, '-s', `${voice.speed}`, '-w', spoken, text]);
  const raw = execFileSync(
    'sox',
    ['-D', spoken, ...words('-t raw -e signed -b 16 -L -c 1 -'), ...words(BAND), 'gain', '-n', `${voice.peak}`],
    { maxBuffer: 1 << 26 },
  );
  return shortenPauses(Int16Array.from({ length: raw.length / 2 }, (_, i) => raw.readInt16LE(i * 2)));
}

/** Synthesises one call, writes its sound and its transcript, and returns its entry for calls.json. */
function makeCall(work: string, folder: string, call: Call): object {
  let end = 0;
  const placed = call.lines.map(([channel, text, gap]) => {
    const pcm = synthesize(work, call.voices[channel], text);
    // Whole milliseconds, so that the transcript's times are exact.
    const start = Math.ceil(end / PER_MS) * PER_MS + gap * PER_MS;
    end = Math.max(end, start + pcm.length);
    return { channel, text, start, pcm };
  });
  const durationMs = Math.ceil(end / PER_MS) + 300;
  const frames = Buffer.alloc(durationMs * PER_MS * 4);
  for (const { channel, start, pcm } of placed) {
    pcm.forEach((sample, i) => {
      frames.writeInt16LE(sample, (start + i) * 4 + channel * 2);
    });
  }
  const file = `${call.base}.wav`;
  const format = call.meta.encoding === 'mulaw' ? '-e mu-law -b 8' : '-e signed -b 16';
  execFileSync(
    'sox',
    ['-D', ...words(`-t raw -r ${RATE} -e signed -b 16 -L -c 2 -`), '-t', 'wav', ...words(format), join(folder, file)],
    { input: frames },
  );
  const [ending, encoder] = SENT_FORMATS[call.base] ?? [];
  const sent = ending === undefined ? {} : { sent: `${call.base}.${ending}` };
  if (sent.sent !== undefined && encoder !== undefined) {
    const from = ['-y', '-loglevel', 'error', '-i', join(folder, file), ...words('-map_metadata -1 -bitexact')];
    execFileSync('ffmpeg', [...from, ...words(encoder), join(folder, sent.sent)]);
  }
  const transcript = `${call.base}.json`;
  const segments = placed.map(({ channel, text, start, pcm }) => ({
    start_ms: start / PER_MS,
    end_ms: Math.ceil((start + pcm.length) / PER_MS),
    channel,
    text,
  }));
  writeFileSync(join(folder, transcript), transcriptText(call.meta.language, segments));
  console.log(`${file}: ${durationMs} ms, ${statSync(join(folder, file)).size} bytes`);
  const { file_name, encoding, ...meta } = call.meta;
  return { file, ...sent, transcript, ...meta, duration_ms: durationMs, encoding, file_name };
}

/** A line a segment. */
function transcriptText(language: string, segments: readonly object[]): string {
  const lines = segments.map((segment) => `  ${JSON.stringify(segment)}`).join(',\n');
  return `{ "v": 1, "language": "${language}", "segments": [\n${lines}\n] }\n`;
}

const folder = fileURLToPath(new URL('../../scripts/samples/', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'callvault-samples-'));
try {
  const calls = CALLS.map((call) => makeCall(work, folder, call));
  writeFileSync(join(folder, 'calls.json'), `${JSON.stringify(calls, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true });
}
const total = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${total} bytes in scripts/samples`);
