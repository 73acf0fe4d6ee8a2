// The banned words of texts, each with plainer ones.

/** A banned word, and what to write instead. */
const BANNED: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\b(?:tells?|told|telling)\b/i, 'returns, reports, shows, records'],
  [/\b(?:whoever|whomever|who\s+has|who\s+are\s+you)\b/i, 'anyone who, clients that'],
  [/\b(?:somebody|nobody)\b/i, 'anyone who, a person; the actor by name'],
  [/\banew\b/i, 'again, new'],
  [/\bdr(?:aws?|ew|awn|awing)\b(?:\s+\S+){0,2}?\s+(?:key|link)s?\b/i, 'creates an API key, creates a link'],
  [/\bturn(?:s|ed|ing)?\b(?:\s+\S+){0,4}?\s+off\b/i, 'deactivates a person, disables a setting'],
  [/\bturn(?:s|ed|ing)?\s+(?:\S+\s+){0,2}keys?\b/i, 'rotates'],
  [/\bkeys?\s+(?:that\s+)?turn(?:s|ed)?\b/i, 'key rotation'],
  [/\baway\b/i, 'unavailable; removes'],
  [/\b(?:is|are|was|were)\s+(?:over|gone)\b/i, 'expired, ended, deleted'],
  [
    /\b(?:lies?|lay|lying|stands?|stood|standing)\s+(?:in|on|at|beside|behind|there|for|ready)\b/i,
    'stored in, next to',
  ],
  [/\b(?:holds?|held|holding)\s+back\b/i, 'blocks'],
  [/\blet(?:s|ting)?\s+go\b/i, 'discards, unblocks'],
  [/\bof\s+its\s+own\b/i, 'separate; or nothing'],
  [/\b(?:as|that)\s+(?:they\s+are|there\s+is)\b/i, 'nothing'],
  [/\b(?:giv(?:es?|en|ing)|gave)\s+(?:\S+\s+){0,2}?up\b/i, 'aborts'],
  [/\brefus(?:es?|ed|ing|als?)\b/i, 'rejects, denies'],
  [/\bhas\s+to\s+be\b/i, 'must be'],
  [/\bthe\s+process\s+ends\b/i, 'the server shuts down, exits'],
  [/\bof\s+our\s+kind\b/i, 'nothing'],
];

/** The banned words in these lines, each with name and line. */
export function bannedIn(name: string, lines: readonly { readonly text: string; readonly line: number }[]): string[] {
  return lines.flatMap(({ text, line }) =>
    BANNED.flatMap(([found, instead]) => {
      const [words] = found.exec(text) ?? [];
      return words === undefined ? [] : [`${name}:${line}: “${words}”; write: ${instead}`];
    }),
  );
}
