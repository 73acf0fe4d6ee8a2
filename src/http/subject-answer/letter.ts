// The answer to a recorded person as a letter: one HTML file without scripts and addresses, to read on a screen or print.
import type { RecordingAnswer, SubjectAnswer } from '../../model/subject/answer.ts';
import type { Language } from '../language.ts';
import { type AnswerTexts, answerTexts, fill, named } from './answer-texts.ts';
import { answerParagraphs, recordingTexts } from './sentences.ts';

/** The policy of the letter, in its head and in the header of its reply. */
export const LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE = `
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1a1f1e;font:15px/1.55 "Noto Sans","Noto Sans SC","PingFang SC","Microsoft YaHei",Arial,sans-serif}
main{max-width:820px;margin:0 auto;padding:40px 28px}
h1{font-size:24px;line-height:1.3;margin:0 0 16px}h2{font-size:17px;margin:28px 0 8px}
p{margin:0 0 10px;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0 0 20px}dt{color:#55605d}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.45}
th,td{text-align:start;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #d5dcda;overflow-wrap:anywhere}
td:first-child{white-space:nowrap}th{color:#55605d;font-weight:600}td div+div{margin-top:2px}thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}
.draft{border:1px solid #b7791f;padding:8px 12px}.from{font-weight:600;margin-bottom:28px}.small{color:#55605d;font-size:13px}
@page{size:A4;margin:18mm}@media print{main{max-width:none;padding:0}body{font-size:11pt}table{font-size:9.5pt}}
`;

/** The letter in one language. All texts in it are escaped. */
export function answerLetter(answer: SubjectAnswer, language: Language): string {
  const texts = answerTexts(language, answer.time_zone);
  const { words, day } = texts;
  const meta = [
    [words.meta.reference, answer.request],
    [words.meta.received, day(answer.received)],
    [words.meta.made, day(answer.made)],
  ];
  return [
    `<!doctype html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${LETTER_POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
    `<title>${escaped(words.title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<main>`,
    `<p class="from">${isolated(answer.organisation)}</p>`,
    `<h1>${escaped(words.title)}</h1>`,
    ...(answer.draft ? [`<p class="draft">${escaped(words.draft)}</p>`] : []),
    `<dl>${meta.map(([name = '', value = '']) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
    ...answerParagraphs(answer, texts).map((text) => `<p>${isolated(text)}</p>`),
    ...recordingsSection(answer, texts),
    ...heardSection(answer, texts),
    ...rightsSection(answer, texts),
    `<p class="small">${escaped(fill(words.zone, { zone: answer.time_zone }))}</p>`,
    '</main>\n</body>\n</html>\n',
  ].join('\n');
}

function recordingsSection({ recordings }: SubjectAnswer, texts: AnswerTexts): string[] {
  const { words, time, length } = texts;
  if (recordings.length === 0) return [];
  const rows = recordings.map((one) => {
    const direction = named(words.directions, one.direction ?? 'unknown');
    const spoken = one.duration_ms === null ? '' : length(one.duration_ms);
    return [
      lines([time(one.began), [direction, spoken].filter((text) => text !== '').join(words.has.join)]),
      lines([one.has.map((thing) => named(words.has, thing)).join(words.has.join)]),
      lines([basisText(one, texts)]),
      lines(recordingTexts(one, texts)),
    ];
  });
  const { call, data, basis, outcome } = words.columns;
  return [`<h2>${escaped(words.headings.recordings)}</h2>`, table([call, data, basis, outcome], rows)];
}

function basisText({ basis, withdrawn }: RecordingAnswer, { words }: AnswerTexts): string {
  const text = named(words.basis, basis);
  return withdrawn ? fill(words.basis.withdrawn, { basis: text }) : text;
}

function heardSection({ recordings }: SubjectAnswer, texts: AnswerTexts): string[] {
  const { words, time, length } = texts;
  const heard = recordings
    .flatMap(({ began, heard: times }) => times.map((one) => ({ ...one, began })))
    .sort((one, other) => (one.at < other.at ? 1 : -1));
  if (heard.length === 0) return [];
  const rows = heard.map(({ at, began, purpose, role, heard_ms: ms }) =>
    [
      time(at),
      time(began),
      named(words.purposes, purpose),
      named(words.roles, role ?? 'unknown'),
      ms === null ? words.heard.unknown : length(ms),
    ].map((text) => lines([text])),
  );
  const { intro, ...columns } = words.heard;
  return [
    `<h2>${escaped(words.headings.heard)}</h2>`,
    `<p>${escaped(intro)}</p>`,
    table([columns.at, columns.call, columns.purpose, columns.role, columns.length], rows),
  ];
}

function rightsSection({ contact }: SubjectAnswer, { words }: AnswerTexts): string[] {
  const { rights } = words;
  const write = contact === null ? rights.contact_none : fill(rights.contact, { contact });
  return [
    `<h2>${escaped(words.headings.rights)}</h2>`,
    ...[rights.more, write, rights.complain].map((text) => `<p>${isolated(text)}</p>`),
  ];
}

/** A table of cells that are HTML. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<table>\n<thead><tr>${cells}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

/** Lines of a cell; empty ones are left out. */
function lines(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== '')
    .map((text) => `<div>${isolated(text)}</div>`)
    .join('');
}

/** A text that people wrote: its direction does not change what is around it. */
function isolated(text: string): string {
  return `<bdi>${escaped(text)}</bdi>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

/** Escapes a text for an element or an attribute in quotes. Control characters, which HTML does not allow, become �. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern finds control characters
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
      .replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one)
  );
}
