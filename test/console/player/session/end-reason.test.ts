// Reason why listening ended, and cause of a media failure, from the service's replies.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Problem } from '../../../../src/console/api/problem.ts';
import {
  endReasonOfEvent,
  endReasonOfProblem,
  endReasonOfSession,
  failureOf,
} from '../../../../src/console/player/session/end-reason.ts';
import { diagnoseMedia } from '../../../../src/console/player/session/media-failure.ts';
import { cardForCode } from '../../../../src/console/player/states/cards.ts';

const session = { id: 'ses_1', grant: 'grt_1' };

function problem(code: string, status = 403, checks: readonly { check: string; ok: boolean; code?: string }[] = []) {
  return { status, code, title: '', requestId: 'req', errors: [], checks } as unknown as Problem;
}

describe('a session has ended', () => {
  it('by its own reason', () => {
    expect(endReasonOfSession({ state: 'live', reason: null })).toBeNull();
    expect(endReasonOfSession({ state: 'ended', reason: 'revoked' })).toBe('revoked');
    expect(endReasonOfSession({ state: 'ended', reason: 'something new' })).toBe('closed');
  });

  it('by an event about it or its grant, and by no other event', () => {
    const told = (event: object) => endReasonOfEvent({ type: 'revoked', ...event }, session);
    expect(told({ grant: 'grt_1' })).toBe('revoked');
    expect(told({ grant: 'grt_2' })).toBeNull();
    expect(told({ type: 'grant_expired', grant: 'grt_1' })).toBe('expired');
    expect(told({ type: 'session_ended', session: 'ses_1', reason: 'key' })).toBe('key');
    expect(told({ type: 'session_ended', session: 'ses_2', grant: 'grt_1' })).toBeNull();
    expect(told({ type: 'approved', grant: 'grt_1' })).toBeNull();
  });

  it('by a denial, with the check that caused the end', () => {
    const checks = [
      { check: 'session-live', ok: false, code: 'session_closed' },
      { check: 'grant-live', ok: false, code: 'grant_revoked' },
    ];
    expect(endReasonOfProblem(problem('session_ended', 403, checks))).toBe('revoked');
    expect(endReasonOfProblem(problem('session_ended', 403, checks.slice(0, 1)))).toBe('closed');
    expect(endReasonOfProblem(problem('erased', 410))).toBe('erased');
    expect(endReasonOfProblem(problem('key_refused', 503))).toBe('key');
    expect(endReasonOfProblem(problem('unauthenticated', 401))).toBe('signed-out');
    expect(endReasonOfProblem(problem('key_service_unavailable', 503))).toBeNull();
  });

  it('or failed with a separate check: a quarantined recording is not an end by the listener', () => {
    const aside = problem('session_ended', 403, [{ check: 'not-quarantined', ok: false, code: 'quarantined' }]);
    expect(endReasonOfProblem(aside)).toBeNull();
    expect(cardForCode(failureOf(aside, null).code)).toMatchObject({ text: 'setAside' });
    expect(endReasonOfProblem(problem('session_ended'))).toBe('closed');
  });

  it('or failed, with the first failed check as reason', () => {
    const spent = problem('access_refused', 403, [{ check: 'uses-left', ok: false, code: 'grant_consumed' }]);
    expect(failureOf(spent, 5)).toEqual({ code: 'grant_consumed', request: 'req', retryAfter: null, at: 5 });
    expect(failureOf(null, null)).toMatchObject({ code: 'unreachable', request: null });
  });
});

type Answer = { readonly status?: number; readonly body?: unknown; readonly cut?: boolean };

/** Answers calls in order: the session, the head, then parts. */
function answers(...list: readonly Answer[]): void {
  vi.stubGlobal('MediaError', { MEDIA_ERR_NETWORK: 2 });
  const left = [...list];
  vi.stubGlobal('fetch', async () => {
    const { status = 200, body, cut = false } = left.shift() ?? { status: 500, body: { code: 'internal' } };
    if (!(body instanceof Uint8Array)) return new Response(JSON.stringify(body), { status });
    let sent = false;
    const stream = new ReadableStream({
      pull(controller) {
        if (!sent) controller.enqueue(body);
        else if (cut) controller.error(new TypeError('network error'));
        else controller.close();
        sent = true;
      },
    });
    return new Response(stream, { status, headers: { 'content-length': String(body.length) } });
  });
}

const live: Answer = { body: { state: 'live', reason: null } };
const head: Answer = { body: new Uint8Array(1000) };
const asked = { session: 'ses_1', code: 2, at: 1000, duration: 10_000 };

describe('a failed sound', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is an end after the session has ended', async () => {
    answers({ body: { state: 'ended', reason: 'revoked' } });
    expect(await diagnoseMedia(asked)).toEqual({ over: 'revoked' });
    answers({ status: 401, body: { code: 'unauthenticated' } });
    expect(await diagnoseMedia(asked)).toEqual({ over: 'signed-out' });
  });

  it('is the damage after the read part, with its position', async () => {
    const refusal = { status: 500, body: { code: 'integrity', request_id: 'r1' } };
    answers(live, head, { body: new Uint8Array(150), cut: true }, refusal);
    expect(await diagnoseMedia(asked)).toEqual({
      failure: { code: 'integrity', request: 'r1', retryAfter: null, at: 2500 },
    });
  });

  it('is a form this browser does not know where all bytes come', async () => {
    answers(live, head, { body: new Uint8Array(900) });
    expect(await diagnoseMedia({ ...asked, code: 4 })).toMatchObject({ failure: { code: 'unsupported' } });
  });

  it('is the way there where nothing else is wrong', async () => {
    answers(live, head, { body: new Uint8Array(900) });
    expect(await diagnoseMedia(asked)).toEqual({ again: true });
    answers(live, head, { body: new Uint8Array(0) });
    expect(await diagnoseMedia(asked)).toEqual({ again: true });
  });
});
