// Day at a contact centre: a dozen calls, requests in every state, facts that came later. All of it is invented.
import type { SampleCall } from './calls.ts';

export type DayLanguage = 'en' | 'zh-CN';

/** API keys of the people in the day. The supervisor decides by key, which the tenant allows. */
export type DayKeys = {
  readonly uploader: string;
  readonly supervisor: string;
  /** The main reviewer, and two colleagues. */
  readonly reviewers: readonly [string, string, string];
};

/** Client for the day. Its functions return the JSON of the reply and throw unless it is a success. */
export type DayClient = {
  readonly put: (
    key: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    bytes: Uint8Array<ArrayBuffer>,
  ) => Promise<unknown>;
  readonly post: (key: string, path: string, json?: object) => Promise<unknown>;
  readonly patch: (key: string, path: string, json: object, ifMatch?: string) => Promise<unknown>;
  /** The `ETag` of what `GET` returns at this path. */
  readonly etag: (key: string, path: string) => Promise<string>;
};

type Texts = {
  readonly agents: readonly string[];
  readonly queues: readonly string[];
  readonly numbers: readonly string[];
  readonly reasons: readonly [string, string, string];
  readonly refusal: string;
  readonly comments: readonly [string, string, string];
  /** What the platform reports later about the second call. Its pause is silent in the sample. */
  readonly record: {
    readonly wrap_up: string;
    readonly fields: { readonly contract: string };
    readonly pauses: readonly { readonly start_ms: number; readonly end_ms: number; readonly reason: string }[];
  };
  /** Why the supervisor corrects the agent of the second call. */
  readonly correction: string;
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
    record: {
      wrap_up: 'card replaced',
      fields: { contract: 'HB-K-7731' },
      pauses: [{ start_ms: 11_520, end_ms: 12_930, reason: 'payment-card' }],
    },
    correction: 'Priya took this call at Arjun’s desk.',
  },
  'zh-CN': {
    agents: ['陈思远', '刘佳', '赵一鸣', '周晓岚'],
    queues: ['机票改签', '酒店预订', '退款', '行李服务'],
    numbers: ['+8613812345678', '+8613912340263', '+8613612347741', '+8618612349050'],
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
    record: {
      wrap_up: '已免费改签',
      fields: { contract: 'YH-K-7731' },
      pauses: [{ start_ms: 15_960, end_ms: 17_670, reason: 'privacy' }],
    },
    correction: '周晓岚当时在刘佳的工位上接听。',
  },
};

/** Contract of the call with later facts, which people search by. */
export function contractOf(language: DayLanguage): string {
  return TEXTS[language].record.fields.contract;
}

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
  for (let n = 0; n < CALLS; n++) {
    calls.push(await upload(client, texts, keys.uploader, sample, n));
    if (n === 2) await addLaterFacts(client, texts, keys, calls[1] ?? '');
  }

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

/**
 * Facts that come after the audio: the platform's records of a contact of two legs, and a person's correction of the
 * second call's agent.
 */
async function addLaterFacts(client: DayClient, texts: Texts, keys: DayKeys, call: string): Promise<void> {
  const interaction = 'C-2026-1125';
  await client.patch(keys.uploader, ingestPathOf(1), { interaction, ...texts.record });
  await client.patch(keys.uploader, ingestPathOf(2), { interaction });
  const path = `/v1/recordings/${call}`;
  const version = await client.etag(keys.supervisor, path);
  const correction = { agent: agentOf(texts, 1), reason: texts.correction };
  await client.patch(keys.supervisor, path, correction, version);
}

function ingestPathOf(n: number): string {
  return `/v1/ingest/telephony/day-${n}`;
}

function agentOf({ agents }: Pick<Texts, 'agents'>, n: number): string {
  return agents[(n * 3) % 4] ?? '';
}

/**
 * Uploads call `n`: the second is the sample itself, under another agent's name, the third the same contact's, the
 * eleventh is quarantined.
 */
async function upload(
  { put }: DayClient,
  { agents, queues, numbers }: Texts,
  key: string,
  { audio, words, language }: Pick<SampleCall, 'audio' | 'words' | 'language'>,
  n: number,
): Promise<string> {
  const outbound = n % 5 === 3;
  const metadata = {
    [outbound ? 'to' : 'from']: numbers[n === 2 ? 1 : n % 4] ?? '',
    agent: n === 1 ? (agents[1] ?? '') : agentOf({ agents }, n),
    queue: queues[n % 4] ?? '',
    direction: outbound ? 'outbound' : 'inbound',
    'started-at': new Date(Date.now() - (n * 7 + 2) * MINUTE).toISOString(),
    language,
    ...(n === 10 ? { basis: 'none' } : {}),
  };
  const headers = Object.entries(metadata).map(([name, value]) => [`vault-meta-${name}`, encodeURIComponent(value)]);
  const body = n === 1 ? audio : repeatedTo(audio, 31 + ((n * 53) % 190));
  const { recording } = (await put(
    key,
    ingestPathOf(n),
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
