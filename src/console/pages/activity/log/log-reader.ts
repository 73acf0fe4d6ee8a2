// What the check of the log reads from the service, in a worker: only reads, with the person's cookie.
import type { OnePolicyBody, Page, PolicyVersionBody } from '../../../../http/reply-types.ts';
import type { FoundCheckpoint } from '../../../../model/log/published/published-check.ts';
import { NO_RESPONSE, problemError, problemFromResponse, problemOf } from '../../../api/problem.ts';
import type { Row } from './check.ts';
import type { LogReader } from './check-log.ts';

const EVENTS = 1000;
/** After a rotation both keys sign: any of the first checkpoints has the signature of the key before. */
const CHECKPOINTS = 20;
const TIMEOUT_MS = 60_000;
/** The log is the deployment's or held, a row is forged, or the tenant's key is unavailable. */
const WITHOUT_POLICIES = [
  'forbidden',
  'not_found',
  'integrity',
  'audit_unavailable',
  'key_zeroed',
  'key_refused',
  'key_service_unavailable',
];
/** A reader for a person whose problems are in this language. */
export function logReader(language: string): LogReader {
  const get = async (path: string): Promise<Response> => {
    const headers = { accept: 'application/json, text/plain', 'accept-language': language };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(path, { headers, credentials: 'same-origin', cache: 'no-store', signal }).catch(() => {
      throw problemError({ ...NO_RESPONSE, code: signal.aborted ? 'no_answer' : 'unreachable' });
    });
    if (!response.ok) throw problemError(await problemFromResponse(response));
    return response;
  };
  const getJson = async <T>(path: string): Promise<T> => (await get(path)).json() as Promise<T>;
  const isProblem = (error: unknown, ...codes: readonly string[]): boolean => {
    return codes.includes(problemOf(error)?.code ?? '');
  };

  return {
    events: async (from) => {
      const page = await getJson<Page<Row>>(`/v1/audit/events?cursor=${from}&limit=${EVENTS}`);
      return { rows: page.data, next: page.next_cursor === null ? null : Number(page.next_cursor) };
    },
    checkpoint: async () => {
      try {
        return await (await get('/v1/audit/log/checkpoint')).text();
      } catch (error) {
        // Not sealed yet, or by no signer.
        if (isProblem(error, 'not_sealed', 'not_available')) return null;
        throw error;
      }
    },
    checkpoints: async (from) => {
      type Published = { readonly size: number; readonly note: string };
      const page = await getJson<Page<Published>>(`/v1/audit/checkpoints?cursor=${from}&limit=${CHECKPOINTS}`);
      return page.data.map(({ size, note }): FoundCheckpoint => ({ file: `checkpoints/${size}`, size, note }));
    },
    policies: async () => {
      try {
        const texts = new Map<string, Uint8Array>();
        for (let cursor: string | null = ''; cursor !== null; ) {
          const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
          const page: Page<PolicyVersionBody> = await getJson(`/v1/policies?limit=200${query}`);
          for (const { id } of page.data) {
            const { text } = await getJson<OnePolicyBody>(`/v1/policies/${encodeURIComponent(id)}`);
            texts.set(id, new TextEncoder().encode(text));
          }
          cursor = page.next_cursor;
        }
        return texts;
      } catch (error) {
        // The events are checked all the same.
        if (isProblem(error, ...WITHOUT_POLICIES)) return null;
        throw error;
      }
    },
  };
}
