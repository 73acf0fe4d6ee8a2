// Day at a contact centre: a dozen calls, and requests in every state. All of it is invented.
import type { SampleCall } from './calls.ts';

export type DayLanguage = 'en' | 'zh-CN';

/** API keys of the people in the day. The supervisor decides by key, which the tenant allows. */
export type DayKeys = {
  readonly uploader: string;
  readonly supervisor: string;
  /** The main reviewer, and two colleagues. */
  readonly reviewers: readonly [string, string, string];
};

/** Client for the day. Both functions return the JSON of the reply and throw unless it is a success. */
export type DayClient = {
  readonly put: (
    key: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array<ArrayBuffer>,
  ) => Promise<unknown>;
  readonly post: (key: string, path: string, json?: object) => Promise<unknown>;
};

type Texts = {
  readonly agents: readonly string[];
  readonly queues: readonly string[];
  readonly numbers: readonly string[];
  readonly reasons: readonly [string, string, string];
  readonly refusal: string;
  readonly comments: readonly [string, string, string];
};

const TEXTS: Readonly<Record<DayLanguage, Texts>> = {
  en: {
    agents: ['Daniel Wu', 'Arjun Rao', 'Nora Lim', 'Priya Nair'],
    queues: ['Cards', 'Disputes', 'Online banking', 'Loans'],
    numbers: ['+442079460123', '+6591234417', '+85261231903', '+442079460177'],
    reasons: [
      'Customer disputes a card payment and says a promised call-back never came. I need to check what the agent promised and whether the PIN step was announced.',
      'Weekly sample for the new script.',
      'Training material on blocking a lost card.',
    ],
    refusal: 'Wrong customer',
    comments: [
      'Announced the pause before the card step, as required.',
      'Clear, and stops the loss first.',
      'Here she interrupts.',
    ],
  },
  'zh-CN': {
    agents: ['陈思远', '刘佳', '赵一鸣', '周晓岚'],
    queues: ['机票改签', '酒店预订', '退款', '行李服务'],
    numbers: ['13812345678', '13912340263', '13612347741', '18612349050'],
    reasons: [
      '旅客第二次来电投诉未按时回电，需核对坐席承诺的时限和处理步骤，工单 CS-20261125-0417。',
      '每周抽检，核对新话术。',
      '培训素材：航班取消后的改签。',
    ],
    refusal: '听错了客户',
    comments: [
      '核对证件号前已告知暂停录音，流程合规。',
      '处理步骤交代得清楚，先改签再退差价。',
      '这里打断了客户，注意同时说话。',
    ],
  },
};

const CALLS = 12;
const MINUTE = 60_000;
const TRANSCRIPT = 'application/vnd.callvault.transcript+json';

/** Ids of the day. */
export type DayIds = {
  /** A call that the first reviewer may listen to. */
  readonly call: string;
  /** A call without any request. */
  readonly locked: string;
  /** A colleague's request that waits for a decision. */
  readonly request: string;
};

/** Runs the day of one tenant. `sample` is the audio of its calls. */
export async function playDay(
  client: DayClient,
  language: DayLanguage,
  keys: DayKeys,
  sample: Pick<SampleCall, 'audio' | 'words' | 'language'>,
): Promise<DayIds> {
  const texts = TEXTS[language];
  const calls: string[] = [];
  for (let n = 0; n < CALLS; n++) calls.push(await upload(client, texts, keys.uploader, sample, n));

  const [reviewer, second, third] = keys.reviewers;
  const ask = async (who: string, call: number, purpose: string, reason: string, minutes = 15): Promise<string> =>
    idOf(await client.post(who, '/v1/access-requests', { recording: calls[call], purpose, reason, minutes }));
  const decide = (request: string, how: string, json?: object) =>
    client.post(keys.supervisor, `/v1/access-requests/${request}/${how}`, json);
  const approve = async (request: string): Promise<string> => {
    const { grant } = (await decide(request, 'approve')) as { readonly grant: unknown };
    return idOf(grant);
  };

  const grant = await approve(await ask(reviewer, 1, 'complaint', texts.reasons[0], 60));
  const session = idOf(await client.post(reviewer, `/v1/grants/${grant}/sessions`));
  for (const [n, text] of texts.comments.entries()) {
    const at = { start_ms: 2500 + n * 6000, end_ms: n === 1 ? 12_000 : null };
    const category = (['compliance', 'praise', 'improve'] as const)[n];
    await client.post(reviewer, `/v1/sessions/${session}/comments`, { ...at, category, visibility: 'team', text });
  }
  await ask(reviewer, 3, 'quality', texts.reasons[1]);
  await decide(await ask(reviewer, 5, 'quality', texts.reasons[1]), 'deny', { reason: texts.refusal });
  const revoked = await approve(await ask(reviewer, 8, 'dispute', texts.reasons[0]));
  await client.post(keys.supervisor, `/v1/grants/${revoked}/revoke`, { reason: texts.refusal });
  await client.post(reviewer, `/v1/access-requests/${await ask(reviewer, 9, 'quality', texts.reasons[1])}/cancel`);
  await ask(second, 6, 'training', texts.reasons[2], 30);
  const request = await ask(third, 2, 'complaint', texts.reasons[0]);
  return { call: calls[1] ?? '', locked: calls[0] ?? '', request };
}

/** Uploads call `n`: the second is the sample itself, the eleventh is quarantined. */
async function upload(
  { put }: DayClient,
  { agents, queues, numbers }: Texts,
  key: string,
  { audio, words, language }: Pick<SampleCall, 'audio' | 'words' | 'language'>,
  n: number,
): Promise<string> {
  const outbound = n % 5 === 3;
  const metadata = {
    [outbound ? 'to' : 'from']: numbers[n % 4] ?? '',
    agent: agents[(n * 3) % 4] ?? '',
    queue: queues[n % 4] ?? '',
    direction: outbound ? 'outbound' : 'inbound',
    'started-at': new Date(Date.now() - (n * 7 + 2) * MINUTE).toISOString(),
    language,
    ...(n === 10 ? { basis: 'none' } : {}),
  };
  const headers = Object.entries(metadata).map(([name, value]) => [`vault-meta-${name}`, encodeURIComponent(value)]);
  const body = n === 1 ? audio : repeatedTo(audio, 31 + ((n * 53) % 190));
  const path = `/v1/ingest/telephony/day-${n}`;
  const { recording } = (await put(
    key,
    path,
    { 'content-type': 'audio/wav', ...Object.fromEntries(headers) },
    body,
  )) as {
    readonly recording: string;
  };
  if (n % 3 !== 2)
    await put(key, `/v1/recordings/${recording}/transcripts/${language}`, { 'content-type': TRANSCRIPT }, words);
  return recording;
}

/** WAV that repeats the sample for a number of seconds. */
function repeatedTo(wav: Buffer<ArrayBuffer>, seconds: number): Buffer<ArrayBuffer> {
  const start = wav.indexOf('data', 12, 'latin1') + 8;
  const samples = wav.subarray(start, start + wav.readUInt32LE(start - 4));
  const size = seconds * wav.readUInt32LE(28);
  const out = Buffer.alloc(start + size);
  wav.copy(out, 0, 0, start);
  for (let at = 0; at < size; at += samples.length)
    samples.copy(out, start + at, 0, Math.min(samples.length, size - at));
  out.writeUInt32LE(out.length - 8, 4);
  out.writeUInt32LE(size, start - 4);
  return out;
}

function idOf(value: unknown): string {
  return (value as { readonly id: string }).id;
}
