// The letter to a recorded person, in both languages.
import { describe, expect, it } from 'vitest';
import { answerTexts } from '../../../src/http/subject-answer/answer-texts.ts';
import { answerLetter } from '../../../src/http/subject-answer/letter.ts';
import { answerParagraphs } from '../../../src/http/subject-answer/sentences.ts';
import { answer as english } from '../../../src/messages/en/answer.ts';
import { answer as chinese } from '../../../src/messages/zh-CN/answer.ts';
import { PURPOSES } from '../../../src/model/policy.ts';
import { type SubjectAnswer, subjectAnswer } from '../../../src/model/subject/answer.ts';
import { REFUSAL_GROUNDS, SUBJECT_KINDS, SUBJECT_OUTCOMES } from '../../../src/model/subject/request.ts';
import { flat } from '../../messages/flat.ts';
import { answered, answerInput, pictured } from '../../support/subject-answers.ts';

const LANGUAGES = ['en', 'zh-CN'] as const;

/** The elements of the letter: a tag that is not one of these came out of a text. */
const TAG =
  /^<(!doctype html|html lang="(en|zh-CN)"|meta (charset="utf-8"|name="(viewport|referrer|robots)" content="[a-z0-9=, -]+"|http-equiv="Content-Security-Policy" content="[^"<>]+")|th scope="col"|p class="(from|draft|small)"|\/?(html|head|body|main|title|style|h1|h2|p|dl|dt|dd|table|thead|tbody|tr|th|td|div|bdi))>$/;

function textOf(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (entity) => ({ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" })[entity] ?? '&',
    )
    .replace(/\s+/g, ' ');
}

const paragraphs = (answer: SubjectAnswer, language: 'en' | 'zh-CN') =>
  answerParagraphs(answer, answerTexts(language, answer.time_zone));

describe('the letter to a recorded person', () => {
  it('says in a few sentences what was heard, kept and erased', () => {
    expect(paragraphs(pictured(), 'en')).toEqual([
      'You asked us what recordings of calls we have, to end your consent and to erase them.',
      [
        'We found 14 recordings.',
        'Our staff heard your calls 7 times: 4 for quality control, 2 for a complaint, 1 for a dispute, last on 10 November 2026.',
        'We erase 9 recordings now.',
        'We must keep 3 recordings, the last until 8 September 2031.',
        'Until then we only store and protect what we keep, and then we erase it.',
        '2 recordings are evidence in legal matters: we erase them when those matters end.',
        'Backups lose what we erase by 30 December 2026.',
      ].join(' '),
    ]);
    expect(paragraphs(pictured(), 'zh-CN')).toEqual([
      '您向我们提出的请求：查阅我们保存的通话录音、撤回同意、删除录音。',
      [
        '我们找到 14 条录音。',
        '我们的工作人员收听过您的通话录音 7 次：质检 4 次、投诉核查 2 次、争议处理 1 次，最近一次是2026年11月10日。',
        '我们现在删除 9 条录音。',
        '有 3 条录音我们必须保留，最晚至2031年9月8日。',
        '在此之前，除存储和采取必要的安全保护措施外，我们不作其他处理；到期后即删除。',
        '有 2 条录音是法律事务的证据，相关事务结束后我们即删除。',
        '备份中被删除的内容最晚于2026年12月30日清除。',
      ].join(''),
    ]);
  });

  it('uses the singular for one', () => {
    const one = answered(1, {
      outcome: 'erase',
      done: '2026-11-26T01:00:00.000Z',
      heard: [{ at: '2026-10-07T01:00:00.000Z', purpose: 'complaint', role: 'reviewer', heard_ms: 1 }],
    });
    const input = answerInput({ recordings: [one], backups: null });
    const answer = subjectAnswer({ ...input, person: { relation: 'relative', copies: false } });
    expect(paragraphs(answer, 'en')[1]).toBe(
      'We found one recording. Our staff heard these calls once: for a complaint, on 7 October 2026. We erased one recording. Backups can hold what we erase for some time after that.',
    );
  });

  it('shows times in the time zone of the organisation, and names it', () => {
    const began = '2026-03-28T23:30:00.000Z';
    const shown = (timeZone: string, language: 'en' | 'zh-CN') =>
      textOf(answerLetter(subjectAnswer(answerInput({ timeZone, recordings: [answered(1, { began })] })), language));
    expect(shown('Asia/Singapore', 'en')).toContain('29 March 2026 at 07:30');
    expect(shown('America/New_York', 'en')).toContain('28 March 2026 at 19:30');
    expect(shown('Asia/Shanghai', 'zh-CN')).toContain('2026年3月29日 07:30');
    expect(shown('Asia/Shanghai', 'zh-CN')).toContain('Asia/Shanghai');
  });

  it('gives for each recording what it is kept for, by which rule and until when', () => {
    const letter = textOf(answerLetter(pictured(), 'en'));
    expect(letter).toContain('Kept until 2 December 2026, by the rule “Outbound calls” (MIIT (2020) 81).');
    expect(letter).toContain('Kept until 8 September 2031, by the rule “Credit contracts”.');
    expect(letter).toContain('It is evidence in a legal matter.');
    expect(letter).toContain('consent, which you withdrew');
    expect(letter).toContain('1 h 1 min');
    expect(letter).toContain('member of staff');
    expect(letter).toContain('You can complain to the data protection authority');
    const later = textOf(answerLetter(pictured(), 'zh-CN'));
    expect(later).toContain('按规则“Outbound calls”（MIIT (2020) 81）保留至2026年12月2日。');
    expect(later).toContain('依法向人民法院提起诉讼');
  });

  it.each(LANGUAGES)('gives the reason of what is not done, in %s', (language) => {
    const texts = { en: english, 'zh-CN': chinese }[language];
    const recordings = [answered(1), answered(2, { withdrawn: true }), answered(3, { outcome: 'erase' })];
    const kinds = ['access', 'erase', 'rectify', 'restrict'] as const;
    const input = answerInput({ recordings });
    const answer = subjectAnswer({
      ...input,
      ...{ request: { ...input.request, kinds }, person: { relation: 'self', copies: true } },
    });
    const letter = textOf(answerLetter(answer, language));
    for (const sentence of Object.values(texts.not_done)) expect(letter).toContain(sentence);
  });

  it.each(LANGUAGES)(
    'gives ground, reason and the right to complain of a rejection, and no recording, in %s',
    (language) => {
      const texts = { en: english, 'zh-CN': chinese }[language];
      for (const ground of REFUSAL_GROUNDS) {
        const words = { refusal: { ground, reason: 'asked {{count}} times <b>' } };
        const html = answerLetter(pictured({ words }), language);
        const letter = textOf(html);
        expect(letter).toContain(texts.rejected[ground]);
        expect(letter).toContain('asked {{count}} times <b>');
        expect(letter).toContain(texts.rights.complain);
        expect(html).not.toContain('<table');
        expect(html).not.toMatch(/rec_|Outbound calls/);
      }
    },
  );

  it.each(LANGUAGES)('is the same for every person of whom nothing was found, in %s', (language) => {
    const letter = (more: object) => answerLetter(subjectAnswer(answerInput(more)), language);
    expect(letter({})).toBe(letter({ backups: '2027-01-01' }));
    expect(letter({})).not.toContain('<table');
    expect(textOf(letter({}))).toContain({ en: english, 'zh-CN': chinese }[language].summary.none);
  });

  it.each(LANGUAGES)('escapes every text that people wrote, in %s', (language) => {
    const hostile = `"'><script src=//x.example>alert(1)</script><img src=x onerror=1>&lt;\u0000\u202e{{reason}}</style>`;
    const answer = pictured({
      ...{ organisation: hostile, contact: hostile, words: { en: hostile, 'zh-CN': hostile } },
      recordings: [
        answered(1, {
          ...{ direction: hostile, basis: hostile, has: [hostile], until: '2027-01-01T12:00:00.000Z' },
          rule: { name: hostile, law: hostile },
          heard: [{ at: '2026-10-07T01:00:00.000Z', purpose: hostile, role: hostile, heard_ms: 5 }],
        }),
        answered(2, { basis: 'constructor', direction: '__proto__', has: ['toString'] }),
      ],
    });
    for (const html of [
      answerLetter(answer, language),
      answerLetter({ ...answer, rejected: { ground: 'law', reason: hostile } }, language),
    ]) {
      const tags = html.match(/<[^>]*>/g) ?? [];
      expect(tags.filter((tag) => !TAG.test(tag))).toEqual([]);
      expect(html.match(/</g)?.length).toBe(tags.length);
      expect(html).not.toContain('\u0000');
      expect(textOf(html)).toContain(hostile.replace('\u0000', '\ufffd'));
    }
  });

  it.each(LANGUAGES)('loads nothing and runs nothing, in %s', (language) => {
    const html = answerLetter(pictured(), language);
    expect(html).not.toMatch(/<script|<link|<img|url\(|https?:|@import|\son\w+=/i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain(`<html lang="${language}">`);
  });

  it.each(LANGUAGES)('is marked while it is a draft, in %s', (language) => {
    const { draft } = { en: english, 'zh-CN': chinese }[language];
    expect(answerLetter(pictured({ draft: true }), language)).toContain(draft);
    expect(answerLetter(pictured(), language)).not.toContain(draft);
  });

  it('takes 2,000 recordings that were heard 20,000 times', () => {
    const times = Array.from({ length: 10 }, (_, n) => {
      return { at: `2026-10-07T01:0${n}:00.000Z`, purpose: 'quality', role: 'reviewer', heard_ms: 60_000 };
    });
    const recordings = Array.from({ length: 2_000 }, (_, n) =>
      answered(n, { outcome: SUBJECT_OUTCOMES[n % SUBJECT_OUTCOMES.length] ?? 'told', heard: times }),
    );
    const began = performance.now();
    const html = answerLetter(subjectAnswer(answerInput({ recordings })), 'en');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(html.match(/<tr>/g)?.length).toBe(2_000 + 20_000 + 2);
    expect(html.length).toBeLessThan(12_000_000);
  });
});

describe('the texts of the letter', () => {
  it('have the same keys and placeholders in both languages', () => {
    const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    const [first, second] = [flat(english), flat(chinese)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    const singular = (path: string) => /_one$/.test(path) || path.startsWith('length.');
    for (const [path, text] of first)
      if (!singular(path))
        expect([path, ...placeholders(second.get(path) ?? '')]).toEqual([path, ...placeholders(text)]);
  });

  it('cover every kind, outcome, ground and purpose', () => {
    for (const texts of [english, chinese]) {
      expect(SUBJECT_KINDS.filter((kind) => !(kind in texts.asked))).toEqual([]);
      expect(SUBJECT_OUTCOMES.filter((outcome) => !(outcome in texts.outcome))).toEqual([]);
      expect(REFUSAL_GROUNDS.filter((ground) => !(ground in texts.rejected))).toEqual([]);
      expect(PURPOSES.filter((purpose) => !(purpose in texts.purposes))).toEqual([]);
    }
  });

  it('write Chinese with full-width punctuation, and a space at figures', () => {
    const texts = [...flat(chinese)];
    expect(texts.filter(([, text]) => /[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]/.test(text))).toEqual([]);
    const figure = '\\{\\{(count|minutes|seconds|hours)\\}\\}|\\d';
    const crowded = new RegExp(`[\\u4e00-\\u9fff](${figure})|(${figure})[\\u4e00-\\u9fff]`);
    expect(texts.filter(([, text]) => crowded.test(text))).toEqual([]);
  });
});
