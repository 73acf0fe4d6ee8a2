// A client of the running service: deposits that may be cut, and the steps from an access request to all bytes.
import { createHash } from 'node:crypto';
import { request as open } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { wavHeader as headerOf } from './wav.ts';

/** A header of 16 bits, two channels, 192 kHz. So 20 MB are 27 seconds, which a session gets at once. */
export function wavHeader(size: number): Buffer {
  return headerOf({ coding: 'pcm16', channels: 2, rate: 192_000, size });
}

/** SHA-256 in hex. */
export function digestOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Deposits a body, with a pause after each piece; null if the connection broke before the answer. Chunked if no length is declared. */
export function putAudio(
  url: string,
  secret: string,
  pieces: readonly Uint8Array[],
  length: number | null,
  paceMs = 0,
): Promise<{ readonly status: number; readonly body: string } | null> {
  return new Promise((resolve) => {
    const request = open(url, {
      method: 'PUT',
      agent: false,
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'audio/wav',
        ...(length === null ? {} : { 'content-length': length }),
      },
    });
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        body += piece;
      });
      response.on('error', () => resolve(null));
      response.on('close', () => resolve(response.complete ? { status: response.statusCode ?? 0, body } : null));
    });
    void (async () => {
      for (const piece of pieces) {
        request.write(piece);
        if (paceMs > 0) await sleep(paceMs);
      }
      request.end();
    })();
  });
}

/** Calls the API and returns the JSON of the answer. Throws unless the status is 2xx. */
export async function api<T>(url: string, secret: string, method: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

export type Listener = { readonly reviewer: string; readonly approver: string };

/** Requests access, has it approved, opens a session. Returns the session's id. */
export async function requestAndOpen(url: string, who: Listener, recording: string, reason: string): Promise<string> {
  const ask = { recording, purpose: 'quality', reason, minutes: 15 };
  const accessRequest = await api<{ id: string }>(`${url}/v1/access-requests`, who.reviewer, 'POST', ask);
  const decided = await api<{ grant: { id: string } }>(
    `${url}/v1/access-requests/${accessRequest.id}/approve`,
    who.approver,
    'POST',
  );
  const session = await api<{ id: string }>(`${url}/v1/grants/${decided.grant.id}/sessions`, who.reviewer, 'POST');
  return session.id;
}

/** SHA-256 of all the audio of a recording, as a listener gets it. */
export async function playbackDigest(url: string, who: Listener, recording: string): Promise<string> {
  const session = await requestAndOpen(url, who, recording, 'checking after a crash');
  const response = await fetch(`${url}/v1/sessions/${session}/media`, {
    headers: { authorization: `Bearer ${who.reviewer}` },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`media: ${response.status}`);
  return digestOf([bytes]);
}
