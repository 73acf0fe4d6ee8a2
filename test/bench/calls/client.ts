// The requests of the bench, to the product or to the bare minimum: both answer the same ones.
import { textAt } from '../../../scripts/demo/world.ts';
import { type PublicIngestKey, sealCall } from '../../support/sealed-files.ts';
import { type BenchReply, type BenchRequest, exchange } from '../client.ts';
import type { Audio } from './audio.ts';
import type { SetUp } from './deployment.ts';

/** A client of one server. Every request throws unless the server did what was asked. */
export type CallClient = {
  /** Uploads a new call; returns its recording. */
  readonly deposit: (audio: Audio) => Promise<string>;
  /** The same in a sealed file, as a relay uploads it. */
  readonly depositSealed: (audio: Audio) => Promise<string>;
  readonly ask: (recording: string) => Promise<string>;
  /** Approves a request; returns the grant. */
  readonly approve: (request: string) => Promise<string>;
  /** Opens a session on a grant. */
  readonly open: (grant: string) => Promise<string>;
  /** Bytes of a session's audio from `start`, as many as `length`. */
  readonly range: (session: string, start: number, length: number) => Promise<BenchReply>;
  /** The whole audio of a session, at its pace. `onFirstByte` is called when its sound begins. */
  readonly listen: (session: string, onFirstByte: () => void) => Promise<void>;
  readonly close: (session: string) => Promise<void>;
  readonly read: (recording: string) => Promise<void>;
  /** Corrects a fact of a recording that was read, as a person does. */
  readonly correct: (recording: string) => Promise<void>;
  /** Sends what a platform knows of an uploaded call afterwards. */
  readonly amend: (recording: string) => Promise<void>;
  readonly list: () => Promise<void>;
  /** Searches for the number of the call that was uploaded last. */
  readonly search: () => Promise<void>;
  readonly healthz: () => Promise<void>;
  /** The same client for the nth reviewer; after the last comes the first again. */
  readonly as: (n: number) => CallClient;
};

type Sent = Pick<BenchRequest, 'headers' | 'onFirstByte'> & { readonly bytes?: Uint8Array };

let calls = 0;

/** A client of the server at `base`, for the first of its reviewers or another one. */
export function callClient(base: string, made: Pick<SetUp, 'tenant' | 'keys'>, who = 0): CallClient {
  const { tenant, keys } = made;
  const reviewer = keys.reviewers[who % keys.reviewers.length] ?? keys.reviewers[0];
  let number = '';
  let ingestKey: PublicIngestKey | undefined;
  const [paths, etags] = [new Map<string, string>(), new Map<string, string>()];
  const send = async (
    key: string | null,
    method: string,
    path: string,
    status: number,
    { bytes, headers, ...more }: Sent = {},
  ): Promise<BenchReply> => {
    const reply = await exchange({
      ...{ method, url: `${base}${path}` },
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...more,
      ...(bytes === undefined ? {} : { body: { size: bytes.length, pieces: [bytes] } }),
    });
    if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply;
  };
  const json = (body: object) => ({
    headers: { 'content-type': 'application/json' },
    bytes: Buffer.from(JSON.stringify(body)),
  });
  const post = async (key: string, path: string, status: number, body?: object): Promise<unknown> =>
    JSON.parse((await send(key, 'POST', path, status, body === undefined ? {} : json(body))).text);
  /** The id at the platform of the next call, and the facts that are uploaded with it. */
  const nextCall = () => {
    const call = calls++;
    // Numbers that are reserved for fiction (Ofcom).
    number = `+44207946${String(call % 1000).padStart(4, '0')}`;
    const facts = { from: number, to: '+441632960100', agent: `HB-${call % 50}`, queue: 'cards' };
    return { call: `${process.pid}-${call}`, facts };
  };
  return {
    deposit: async ({ type, bytes }) => {
      const { call, facts } = nextCall();
      const metadata = Object.entries(facts).map(([name, fact]) => [`vault-meta-${name}`, encodeURIComponent(fact)]);
      const headers = { 'content-type': type, ...Object.fromEntries(metadata) };
      const path = `/v1/ingest/bench/${call}`;
      const { text } = await send(keys.uploader, 'PUT', path, 201, { headers, bytes });
      const recording = textAt(JSON.parse(text), 'recording');
      paths.set(recording, path);
      return recording;
    },
    depositSealed: async ({ type, bytes }) => {
      const { call, facts } = nextCall();
      ingestKey ??= JSON.parse((await send(keys.uploader, 'GET', '/v1/ingest-key', 200)).text) as PublicIngestKey;
      const said = { source: 'bench', call_id: call, ...facts };
      const { id, file } = await sealCall({ tenant, key: ingestKey }, bytes, said, { type });
      const headers = { 'content-type': 'application/octet-stream' };
      const { text } = await send(keys.uploader, 'PUT', `/v1/sealed-files/${id}`, 201, { headers, bytes: file });
      return textAt(JSON.parse(text), 'recording');
    },
    ask: async (recording) => {
      const wish = { recording, purpose: 'quality', reason: 'a sample of the team', minutes: 15 };
      return textAt(await post(reviewer, '/v1/access-requests', 201, wish), 'id');
    },
    approve: async (request) =>
      textAt(await post(keys.supervisor, `/v1/access-requests/${request}/approve`, 200), 'grant', 'id'),
    open: async (grant) => textAt(await post(reviewer, `/v1/grants/${grant}/sessions`, 201), 'id'),
    range: async (session, start, length) => {
      const headers = { range: `bytes=${start}-${start + length - 1}` };
      const reply = await send(reviewer, 'GET', `/v1/sessions/${session}/media`, 206, { headers });
      if (reply.bytes !== length) throw new Error(`a range has ${reply.bytes} bytes instead of ${length}`);
      return reply;
    },
    listen: async (session, onFirstByte) => {
      await send(reviewer, 'GET', `/v1/sessions/${session}/media`, 200, { onFirstByte });
    },
    close: async (session) => void (await send(reviewer, 'DELETE', `/v1/sessions/${session}`, 200)),
    read: async (recording) => {
      const { etag } = await send(reviewer, 'GET', `/v1/recordings/${recording}`, 200);
      etags.set(recording, etag ?? '');
    },
    correct: async (recording) => {
      const { headers, bytes } = json({ ticket: `T-${calls}`, reason: 'the agent wrote another one down' });
      const match = { ...headers, 'if-match': etags.get(recording) ?? '' };
      await send(keys.supervisor, 'PATCH', `/v1/recordings/${recording}`, 200, { headers: match, bytes });
    },
    amend: async (recording) => {
      const record = { agent: `HB-${calls % 50}`, queue: 'claims', interaction: `C-${calls}`, wrap_up: 'refund' };
      await send(keys.uploader, 'PATCH', paths.get(recording) ?? '', 200, json(record));
    },
    list: async () => void (await send(reviewer, 'GET', '/v1/recordings?limit=50', 200)),
    search: async () => void (await send(reviewer, 'POST', '/v1/recordings/search', 200, json({ number }))),
    healthz: async () => void (await send(null, 'GET', '/healthz', 200)),
    as: (n) => callClient(base, made, n),
  };
}
