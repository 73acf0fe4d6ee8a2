// Assertions on problem documents.
import { expect } from 'vitest';

export type Problem = {
  readonly code: string;
  readonly request_id: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly checks?: readonly { readonly check: string; readonly ok: boolean | null; readonly code?: string }[];
};

/** Asserts that a reply is this problem and nothing else: no stack, no source file, none of the `unsaid` texts. */
export async function expectProblem(
  reply: Response,
  status: number,
  code: string,
  ...unsaid: readonly string[]
): Promise<Problem> {
  const text = await reply.text();
  expect({ status: reply.status, text }).toMatchObject({ status, text: expect.stringContaining(`"code":"${code}"`) });
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  expect(reply.headers.get('cache-control')).toBe('no-store');
  const body = JSON.parse(text) as Problem;
  expect(body.code).toBe(code);
  expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply.headers.get('x-request-id')).toBe(body.request_id);
  expect(text).not.toMatch(/\.ts\b|\bat [A-Za-z.]+ \(|node_modules|SQLITE|select |ten_/);
  for (const word of unsaid) expect(text).not.toContain(word);
  return body;
}

/** The problem without members that differ between requests. */
export function sameness(problem: Problem): Omit<Problem, 'request_id'> {
  const { request_id: _id, ...rest } = problem;
  return rest;
}
