// Sentences about one recording's lifetime, in both languages.
import { describe, expect, it } from 'vitest';
import { recording as english } from '../../../src/messages/en/recording.ts';
import { retention as englishRules } from '../../../src/messages/en/retention.ts';
import { recording as chinese } from '../../../src/messages/zh-CN/recording.ts';
import { retention as chineseRules } from '../../../src/messages/zh-CN/retention.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { lifetimeSentences } from '../../../src/model/retention/lifetime-text.ts';
import { recordingLifetime } from '../../../src/model/retention/recording-lifetime.ts';
import type { RetentionRules } from '../../../src/model/retention/rules.ts';

const RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [
    { id: 'law', name: 'Law', law: 'Act 7', when: { direction: ['outbound'] }, from: 'call', for: 'P30D' },
    {
      id: 'contract',
      name: 'Contract',
      law: 'Act 8',
      when: { queue: ['sales'] },
      from: 'event:contract-ended',
      for: 'P5Y',
    },
  ],
  erase: [
    { id: 'sales', name: 'Sales', when: { queue: ['sales'] }, from: 'call', for: 'never' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P1Y' },
  ],
};
const CALL = '2026-01-31T23:00:00.000Z';

function shown(facts: object, holds = 0, isRestricted = false, rules: RetentionRules | null = RULES) {
  const row = { startedAt: CALL, eraseAfter: null, ruled: null, quarantine: [] };
  const version = rules === null ? null : { id: 'ret_1', since: CALL, rules };
  const all = { v: 1, started_at: CALL, basis: { kind: 'contract' }, ...facts } as unknown as Facts;
  const lifetime = recordingLifetime(version, all, row, CALL);
  return { lifetime, hasRules: version !== null, holds, isRestricted };
}

const inEnglish = (...of: Parameters<typeof shown>) =>
  lifetimeSentences(shown(...of), english.lifetime, englishRules.explain);
const inChinese = (...of: Parameters<typeof shown>) =>
  lifetimeSentences(shown(...of), chinese.lifetime, chineseRules.explain);

describe('the sentences of a lifetime', () => {
  it('say what keeps a recording, and when it expires', () => {
    expect(inEnglish({ direction: 'outbound' })).toEqual([
      'Kept until 2026-03-03, because of “Law” (Act 7).',
      'Expires 2027-02-01, because of “Rest”.',
    ]);
    expect(inChinese({ direction: 'outbound' })).toEqual([
      '保留至 2026-03-03，因为“Law”（Act 7）。',
      '2027-02-01 到期销毁，因为“Rest”。',
    ]);
    expect(inEnglish({})).toEqual(['No rule requires it to be kept.', 'Expires 2027-02-01, because of “Rest”.']);
  });

  it('name the event that a recording waits for, and its own end', () => {
    expect(inEnglish({ queue: 'sales' })).toEqual([
      'Kept until the end of the contract is reported and 5 years after it, because of “Contract”.',
      'Does not expire by “Sales”.',
    ]);
    expect(inEnglish({ retain_until: '2030-05-01T00:00:00.000Z' })).toEqual([
      'Kept until 2030-05-01, because its facts say so.',
      'Expires 2030-05-01, once nothing keeps it: “Rest” would erase it earlier.',
    ]);
  });

  it('name holds and a restriction, also where there are no rules', () => {
    expect(inEnglish({}, 1, true, null)).toEqual([
      'Does not expire: there are no retention rules.',
      'In 1 legal hold: it does not expire.',
      'Its processing is restricted: it does not expire.',
    ]);
    expect(inChinese({}, 2, false, null)).toEqual(['不销毁：还没有保留规则。', '受 2 项法律保全，不销毁。']);
  });
});
