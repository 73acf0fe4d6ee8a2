// Language negotiation for texts in replies.

/** The supported languages. */
export type Language = 'en' | 'zh-CN';

/** Longer than any browser's header; the rest is ignored. */
const MOST_RANGES = 32;

/** The language for an `Accept-Language` header (RFC 9110, section 12.5.4); English where it names no supported one. */
export function negotiateLanguage(header: string | undefined): Language {
  let best: { language: Language; weight: number } = { language: 'en', weight: 0 };
  for (const range of (header ?? '').split(',', MOST_RANGES)) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const language = /^zh(-|$)/.test(tag) ? 'zh-CN' : /^en(-|$)/.test(tag) ? 'en' : null;
    const weight = weightOf(parameters);
    if (language !== null && weight > best.weight) best = { language, weight };
  }
  return best.language;
}

function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  if (given === undefined) return 1;
  const weight = Number(given.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
