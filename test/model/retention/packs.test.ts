// Starter packs and retention rules in words, in both languages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retention as english } from '../../../src/messages/en/retention.ts';
import { retention as chinese } from '../../../src/messages/zh-CN/retention.ts';
import type { RuledFacts } from '../../../src/model/retention/attributes.ts';
import { evaluateRetention } from '../../../src/model/retention/evaluate.ts';
import { clauseTable, explainRules, inWords, type RetentionWords } from '../../../src/model/retention/explain.ts';
import type { Pack } from '../../../src/model/retention/packs/pack.ts';
import { PACKS, type PackWords, rulesOfPack } from '../../../src/model/retention/packs/packs.ts';
import { FOR_EVER } from '../../../src/model/retention/period.ts';
import { type RetentionRules, readRules } from '../../../src/model/retention/rules.ts';
import { flat } from '../../messages/flat.ts';
import { anyRules } from '../../support/retention.ts';

const LANGUAGES = { english, chinese } as const;
const languages = Object.entries(LANGUAGES) as [keyof typeof LANGUAGES, typeof chinese][];
const wordsOf = ({ packs }: typeof chinese, { id }: Pack): PackWords =>
  (packs as Record<string, PackWords>)[id] as never;

const START = '2026-01-15T09:00:00.000Z';
const call = (attributes: RuledFacts['attributes'], events: RuledFacts['events'] = {}): RuledFacts => {
  return { startedAt: START, attributes, events, retainUntil: null };
};

function packOf(id: string, of: typeof chinese = chinese): RetentionRules {
  const pack = PACKS.find((one) => one.id === id);
  if (pack === undefined) throw new Error(`there is no pack ${id}`);
  return rulesOfPack(pack, wordsOf(of, pack));
}

describe.each(languages)('the packs in %s', (_, language) => {
  it('are valid rules, and each text is of a rule', () => {
    expect(Object.keys(language.packs)).toEqual(PACKS.map(({ id }) => id));
    for (const pack of PACKS) {
      const words = wordsOf(language, pack);
      const rules = rulesOfPack(pack, words);
      expect(readRules(rules)).toEqual(rules);
      expect([...rules.keep, ...rules.erase].map(({ id }) => id)).toEqual(Object.keys(words.rules));
      // An erasing rule has no clause: its name says it.
      expect(rules.erase.some(({ id }) => words.rules[id]?.law !== undefined)).toBe(false);
    }
  });

  it('miss a text loudly', () => {
    const [pack] = PACKS;
    expect(() => rulesOfPack(pack as Pack, { title: '', about: '', rules: {} })).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });
});

describe('the packs', () => {
  it('cite these clauses and no others', () => {
    const cited = PACKS.flatMap((pack) =>
      packOf(pack.id, english as unknown as typeof chinese).keep.map(({ law }) => law),
    );
    expect([...new Set(cited)]).toEqual([
      'MIIT (2020) 81',
      'Insurance sales, traceability measures (2017)',
      'MiFID II 16(7); Del. Reg. 2017/565 Art. 76',
      'FCA SYSC 10A.1.15',
      'SEC 17a-4(b)(4)',
    ]);
  });

  it.each<[string, RuledFacts, string | null, string]>([
    ['cn-call-centre', call({ direction: 'outbound' }), '2026-02-15T12:00:00.000Z', '2026-07-16T12:00:00.000Z'],
    ['cn-call-centre', call({ direction: 'inbound' }), null, '2026-07-16T12:00:00.000Z'],
    ['cn-insurance', call({ 'field:cover': 'up-to-1-year' }), FOR_EVER, FOR_EVER],
    [
      'cn-insurance',
      call({ 'field:cover': 'up-to-1-year' }, { 'contract-ended': '2027-01-20T00:00:00.000Z' }),
      '2032-01-21T12:00:00.000Z',
      '2032-01-21T12:00:00.000Z',
    ],
    [
      'cn-insurance',
      call({ 'field:cover': 'over-1-year' }, { 'contract-ended': '2030-01-20T00:00:00.000Z' }),
      '2040-01-21T12:00:00.000Z',
      '2040-01-21T12:00:00.000Z',
    ],
    [
      'cn-insurance',
      call({ 'field:disputed': 'yes' }, { 'dispute-ended': '2026-03-01T00:00:00.000Z' }),
      '2028-03-02T12:00:00.000Z',
      '2028-03-02T12:00:00.000Z',
    ],
    ['eu-uk-finance', call({ 'field:regime': 'mifid' }), '2031-01-16T12:00:00.000Z', '2031-01-16T12:00:00.000Z'],
    ['eu-uk-finance', call({ 'field:regime': 'fca' }), '2031-01-16T12:00:00.000Z', '2031-01-16T12:00:00.000Z'],
    ['us-broker-dealer', call({ 'field:regime': 'sec' }), '2029-01-16T12:00:00.000Z', '2029-01-16T12:00:00.000Z'],
    ['us-broker-dealer', call({}), null, '2027-01-16T12:00:00.000Z'],
    ['pci', call({ 'field:card-codes': 'yes' }), null, '2026-01-17T12:00:00.000Z'],
    ['pci', call({}), null, '2026-07-16T12:00:00.000Z'],
  ])('%s evaluates %j', (id, facts, keepUntil, eraseAfter) => {
    expect(evaluateRetention(packOf(id), facts)).toMatchObject({ keepUntil, eraseAfter });
  });
});

describe('the texts of retention', () => {
  const placeholders = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();

  it('have the same placeholders in both languages, and Chinese typography', () => {
    const other = flat(chinese);
    for (const [path, text] of flat(english))
      expect([path, placeholders(other.get(path) ?? '')]).toEqual([path, placeholders(text)]);
    for (const [path, text] of other) {
      expect([path, /[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]/.test(text)]).toEqual([path, false]);
      const tight = /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]/;
      expect([path, tight.test(text.replace(/\{\{.*?\}\}/g, ''))]).toEqual([path, false]);
    }
  });
});

const EVERY: RetentionRules = readRules({
  v: 1,
  grace: 'P1D',
  keep: [
    {
      id: 'a',
      name: 'Trades',
      law: 'A',
      when: { 'field:b': ['x'], 'field:a': ['y'], basis: ['none'], queue: ['fx', 'rates'] },
      from: 'call',
      for: 'P6Y',
    },
    { id: 'b', name: 'Sales', law: 'B', when: { 'field:cover': ['life'] }, from: 'event:contract-ended', for: 'P1Y' },
    { id: 'c', name: 'Cases', law: 'C', when: {}, from: 'event:case-closed', for: 'P90D', most: 'P1M' },
  ],
  erase: [
    { id: 'd', name: 'D', when: { direction: ['internal'] }, from: 'call', for: 'never' },
    { id: 'e', name: 'E', when: { language: ['en'] }, from: 'event:dispute-ended', for: 'P13M' },
    { id: 'f', name: 'F', when: { source: ['pbx'] }, from: 'event:contract-ended', for: 'P13M', most: 'P10Y' },
    { id: 'g', name: 'G', when: {}, from: 'call', for: 'P1D' },
  ],
});

describe('rules in words', () => {
  it.each<[string, RetentionWords, readonly (readonly [string, string])[]]>([
    [
      'English',
      english.explain,
      [
        ['queue: fx or rates; legal basis: Missing; field a: y; field b: x', 'keeps for 6 years from the call'],
        ['field cover: life', 'keeps for 1 year after the contract ended, and for ever while that is not reported'],
        [
          'all recordings',
          'keeps for 90 days after the event case-closed, and for 1 month from the call while that is not reported',
        ],
        ['direction: Internal', 'never erases'],
        ['language: en', 'erases 13 months after the dispute ended, and never while that is not reported'],
        [
          'source: pbx',
          'erases 13 months after the contract ended, and 10 years after the call while that is not reported',
        ],
        ['all other recordings', 'erases 1 day after the call'],
      ],
    ],
    [
      'Chinese',
      chinese.explain,
      [
        ['技能组：fx 或 rates；法律依据：缺失；字段 a：y；字段 b：x', '自通话之日起保留 6 年'],
        ['字段 cover：life', '自合同终止之日起保留 1 年；该日期登记之前永久保留'],
        ['全部录音', '自事件 case-closed 发生之日起保留 90 天；该日期登记之前，自通话之日起保留 1 个月'],
        ['呼叫方向：内部', '不销毁'],
        ['语言：en', '争议终结之日起满 13 个月后销毁；该日期登记之前不销毁'],
        ['来源：pbx', '合同终止之日起满 13 个月后销毁；该日期一直未登记的，自通话之日起满 10 年后销毁'],
        ['其余全部录音', '通话之日起满 1 天后销毁'],
      ],
    ],
  ])('are in %s', (_, words, expected) => {
    const rows = explainRules(EVERY, words);
    expect(rows.map(({ recordings, effect }) => [recordings, effect])).toEqual(expected);
    expect(rows.map(({ id }) => id).join('')).toBe('abcdefg');
    expect(rows.map(({ clause }) => clause)).toEqual(['A', 'B', 'C', null, null, null, null]);
  });

  it.each(languages)('leave no placeholder open in %s', (_, { explain }) => {
    fc.assert(
      fc.property(anyRules, (rules) => {
        expect(clauseTable(rules, explain)).not.toMatch(/\{\{|undefined/);
      }),
    );
  });

  it('take what a name says for no placeholder, and no inherited member for a text', () => {
    const when = { queue: ['{{name}}'], 'field:constructor': ['constructor'] };
    const keep = [{ id: 'a', name: '{{period}}', law: '{{law}}', when, from: 'event:constructor', for: 'P1Y' }];
    const rows = explainRules(readRules({ ...EVERY, keep }), english.explain);
    expect(rows[0]).toMatchObject({
      name: '{{period}}',
      clause: '{{law}}',
      recordings: 'queue: {{name}}; field constructor: constructor',
      effect: expect.stringMatching(/^keeps for 1 year after the event constructor,/),
    });
    const other = [{ ...keep[0], from: 'event:other' }];
    expect(explainRules(readRules({ ...EVERY, keep: other }), english.explain)[0]?.effect).toContain('the event other');
  });

  it('say one and many', () => {
    expect(['P1D', 'P2D', 'P1M', 'P12M', 'P1Y', 'P100Y'].map((one) => inWords(one as 'P1D', english.explain))).toEqual([
      ...['1 day', '2 days', '1 month', '12 months', '1 year', '100 years'],
    ]);
  });
});

it('the table has a line a rule, aligned also where characters are wide', () => {
  expect(clauseTable(packOf('pci', english as unknown as typeof chinese), english.explain)).toBe(
    [
      'RULE        NAME                                       CLAUSE  RECORDINGS             WHAT IT DOES',
      'card-codes  Card codes in audio (PCI DSS 4.0.1 3.3.1)  –       field card-codes: yes  erases 1 day after the call',
      'rest        All other calls                            –       all other recordings   erases 6 months after the call',
      '',
      'A recording that becomes due earlier than before is kept for 1 day more.',
      '',
    ].join('\n'),
  );
  const table = clauseTable(packOf('cn-call-centre'), chinese.explain).split('\n');
  expect(table).toEqual([
    '规则      名称                                    依据条款                 适用录音        效果',
    'outbound  呼出电话                                工信部信管〔2020〕81 号  呼叫方向：呼出  自通话之日起保留 30 天',
    'rest      全部通话（《个人信息保护法》第 19 条）  –                        全部录音        通话之日起满 6 个月后销毁',
    '',
    '销毁时间因变更而提前的录音，再保留 7 天。',
    '',
  ]);
});
