// The process log: the members of a line, and the lines of requests and errors.
import { expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { createLog, errorOrigin, logRequest } from '../../src/main/log.ts';

function written(write: (log: ReturnType<typeof createLog>) => void, level = 'info'): string {
  let text = '';
  const log = createLog('node-1', {
    write: (line) => {
      text += line;
    },
  });
  log.level = level;
  write(log);
  return text;
}

const SAID = 'secretword +442079460123';

it.each([
  { authorization: SAID },
  { headers: { cookie: SAID } },
  { request: { headers: { 'x-call-id': SAID } } },
  { a: { b: { authorization: SAID } } },
  { path: SAID, url: SAID, query: SAID, body: SAID, key: SAID, agent: SAID, from: SAID, name: SAID },
  { recording: { facts: { numbers: SAID } } },
  { err: new Error(SAID) },
  { err: Object.assign(new Error(SAID), { detail: SAID }) },
  { callerSaid: SAID },
  { code: { callerSaid: SAID }, route: [SAID], cause: new Error(SAID), toJSON: () => ({ node: SAID }) },
  { code: { toJSON: () => SAID }, status: Object(SAID) },
])('a line with %j does not contain it', (line) => {
  const text = written((log) => log.info(line, 'line'));
  expect(text).toContain('"msg":"line"');
  expect(text).not.toMatch(/secretword|442079460123/);
});

it('a logged error shows its origin, never its message', () => {
  const text = written((log) => log.error(new TypeError(`${SAID}\n    at secretword`)));
  expect(JSON.parse(text)).toMatchObject({
    node: 'node-1',
    msg: 'error',
    cause: expect.stringContaining('log.test.ts'),
  });
  expect(text).not.toContain('secretword');
  expect(errorOrigin(Object.assign(new RangeError(`a\n    at ${SAID}`), { code: 'EX' }))).toMatch(/^RangeError EX at /);
});

it('a request is one line by outcome, and a successful probe is none', () => {
  const told = { requestId: 'id', method: 'GET', route: '/v1/x/:id', status: 200, milliseconds: 3, trace: 'ab' };
  const lines = written((log) => {
    logRequest(log, told);
    logRequest(log, { ...told, route: '/readyz' });
    logRequest(log, { ...told, route: '/readyz', status: 503 });
    logRequest(log, { ...told, status: 404, error: new VaultError('not_found', SAID) });
    logRequest(log, { ...told, status: 503, error: new VaultError('upload_in_progress', SAID) });
    const cause = new Error(SAID);
    logRequest(log, { ...told, status: 500, error: new VaultError('internal', SAID, { cause }) });
  });
  expect(lines).not.toContain('secretword');
  const parsed = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.map(({ msg, status, code }) => [msg, status, code])).toEqual([
    ['request', 200, undefined],
    ['request', 503, undefined],
    ['request rejected', 404, 'not_found'],
    ['request rejected', 503, 'upload_in_progress'],
    ['request failed', 500, 'internal'],
  ]);
  expect(parsed[0]).toMatchObject({ requestId: 'id', method: 'GET', route: '/v1/x/:id', trace: 'ab', node: 'node-1' });
});

it('says of which log the time was set right, and by how much the clock was set back', () => {
  const lines = written((log) => {
    log.warn({ log: 'ten_a' }, 'set right');
    log.fatal({ code: 'clock_differs', fell_ms: 61_000 }, 'set back');
  });
  const [right = '', back = ''] = lines.split('\n');
  expect(JSON.parse(right)).toMatchObject({ log: 'ten_a', msg: 'set right' });
  expect(JSON.parse(back)).toMatchObject({ fell_ms: 61_000, msg: 'set back' });
});
