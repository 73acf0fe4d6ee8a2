// Redactions and pauses as transcripts write them: `[phone]`, `[手机号]`, `[CREDIT_DEBIT_NUMBER]`, `[recording paused: PIN]`.

/** Kinds that have a word of their own in the catalogue; anything else that says so is `other`. */
export const REDACTION_KINDS = [
  ...['phone', 'card', 'account', 'code', 'pin', 'name', 'address', 'email', 'identity', 'date', 'other'],
] as const;
export type RedactionKind = (typeof REDACTION_KINDS)[number];

const KIND_PATTERNS: readonly (readonly [RedactionKind, RegExp])[] = [
  ['code', /cvv|cvc|security.?code|验证码|安全码/],
  ['pin', /^pin|password|passcode|密码/],
  ['card', /card|credit|debit|卡号/],
  ['phone', /phone|mobile|手机|电话/],
  ['account', /account|routing|iban|sort.?code|账号|帐号|账户/],
  ['identity', /ssn|passport|national.?id|id.?(number|card)|driver|身份证|证件|护照/],
  ['email', /e-?mail|邮箱|邮件/],
  ['address', /address|postcode|zip|地址|邮编/],
  ['name', /name|person|姓名|名字/],
  ['date', /date.?of.?birth|birth|expiry|生日|出生|有效期/],
  ['other', /redact|masked|^pii$|sensitive|removed|脱敏|已隐去|敏感/],
];

/** Brackets with a short label in them; what it means is asked of `redactionIn`. */
export const BRACKETS = /[[【]([^[\]【】]{1,40})[\]】]/g;

/** What a bracketed label hides; null for `[laughter]` and all else that hides nothing. */
export function redactionIn(label: string): RedactionKind | null {
  const folded = label.normalize('NFKC').toLowerCase().trim().replaceAll('_', ' ');
  return KIND_PATTERNS.find(([, pattern]) => pattern.test(folded))?.[0] ?? null;
}

const PAUSE =
  /^\s*[[【]\s*(?:recording (?:paused|pause)|pause|paused|录音暂停|暂停录音)\s*(?:[:：·-]\s*(.{1,60}?))?\s*[\]】]\s*$/iu;

/** More than any such line has. */
const MOST_PAUSE = 200;

/** A line that says nothing but that the recording was paused, and perhaps why. */
export function pauseIn(text: string): { readonly why: string | null } | null {
  const found = text.length > MOST_PAUSE ? null : PAUSE.exec(text);
  return found === null ? null : { why: found[1] ?? null };
}
