// The answer to a recorded person over HTTP, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { consentIn, NUMBER } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { type SubjectPeople, subjectPeople, subjectsIn } from '../support/subject-requests.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Answer = {
  readonly draft: boolean;
  readonly backups_until: string | null;
  readonly paragraphs: readonly string[];
  readonly summary: { readonly heard: object; readonly outcomes: object } | null;
  readonly recordings: readonly (Record<string, unknown> & { readonly heard: readonly object[] })[];
};

describe.each(ENGINES)('on $engine, the answer to a recorded person $reason', ({ engine, present }) => {
  const world = sharedWorld({ backupDays: 30 }, engine);
  const { call, hear } = consentIn(world);
  let people: SubjectPeople;
  const of = subjectsIn(world, () => people);
  beforeAll(async () => {
    if (present) people = await subjectPeople(world);
  }, 300_000);
  const get = (id: string, query = '') =>
    people.privacy.browser.call('GET', `/v1/subject-requests/${id}/answer${query}`);
  const answerOf = async (id: string, query = '') => (await (await get(id, query)).json()) as Answer;

  it.runIf(present)(
    'is a draft until all is done, and says who heard, what is erased, and when backups lose it',
    async () => {
      const { harbour } = world;
      const recording = await call('answered', 60);
      const session = await world.session(harbour, await world.grant(harbour, recording));
      await hear(session);
      await world.call('DELETE', `/v1/sessions/${session}`, { key: harbour.reviewer.key });
      const id = await of.open(['access', 'erase'], { copies: false });
      const draft = await answerOf(id);
      expect(draft).toMatchObject({ draft: true, summary: { outcomes: { erase: 1 }, heard: { times: 1 } } });
      expect(draft.paragraphs[1]).toContain('We erase one recording now.');
      await of.approve(await of.decide(id, { words: { en: 'We <b>care</b>.', 'zh-CN': '谢谢' } }));
      await of.carryOut();
      const answer = await answerOf(id);
      expect(answer).toMatchObject({ draft: false, recordings: [{ recording, outcome: 'erase', basis: 'consent' }] });
      expect(answer.recordings[0]?.heard).toEqual([
        { at: expect.any(String), purpose: 'quality', role: 'reviewer', heard_ms: expect.any(Number) },
      ]);
      const done = Date.parse(String(answer.recordings[0]?.['done']));
      const days = (Date.parse(answer.backups_until ?? '') - done) / 86_400_000;
      expect(days).toBeGreaterThan(28.9);
      expect(days).toBeLessThan(30.1);
      expect(answer.paragraphs.at(-1)).toBe('We <b>care</b>.');
      expect((await answerOf(id, '?language=zh-CN')).paragraphs.at(-1)).toBe('谢谢');
      expect(JSON.stringify(answer)).not.toContain(NUMBER);
      expect(JSON.stringify(answer)).not.toMatch(/usr_/);

      const letter = await get(id, '?format=html');
      expect(letter.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(letter.headers.get('content-security-policy')).toMatch(/default-src 'none'.*; sandbox$/);
      const html = await letter.text();
      expect(html).toContain('We &lt;b&gt;care&lt;/b&gt;.');
      expect(html).toContain('quality reviewer');
    },
    300_000,
  );

  it.runIf(present)(
    'says the same of every number that no call has',
    async () => {
      const shown = async (number: string) => {
        const id = await of.open(['access'], { numbers: [number] });
        return (await (await get(id, '?format=html')).text()).replaceAll(id, 'sub');
      };
      expect(await shown('+442079460001')).toBe(await shown('+442079460002'));
    },
    300_000,
  );

  it.runIf(present)(
    'is not found for another tenant, and rejects another language',
    async () => {
      const id = await of.open(['access'], { numbers: ['+442079460003'] });
      const foreign = { key: world.yunhai.privacy.key };
      await expectProblem(await world.call('GET', `/v1/subject-requests/${id}/answer`, foreign), 404, 'not_found');
      await expectProblem(await get(id, '?language=fr'), 400, 'malformed');
    },
    300_000,
  );
});
