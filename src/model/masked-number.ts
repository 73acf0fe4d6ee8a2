// Masked telephone numbers for lists: enough to distinguish two callers, too little to call one.

/** The character in place of each hidden digit. */
const MASK = '*';

/**
 * Masks a number: mainland China's mobile numbers as 138****5678, other international numbers to country code and last
 * four digits, the rest to the last four. Masks numbers of fewer than eight digits, and other texts, completely.
 */
export function maskedNumber(text: string): string {
  const plain = text.normalize('NFKC').trim();
  const digits = plain.replace(/\D/g, '');
  if (digits.length < LEAST || /\p{L}/u.test(plain)) return MASK.repeat(Math.min(Math.max(digits.length, 4), 8));
  const international = /^(\+|00)/.test(plain) ? digits.replace(/^00/, '') : null;
  const mainland = /^(?:86)?(1\d{10})$/.exec(international ?? digits)?.[1];
  if (mainland !== undefined && (international === null || international.startsWith('86'))) {
    const local = `${mainland.slice(0, 3)}${MASK.repeat(4)}${mainland.slice(-4)}`;
    return international === null && digits.length === 11 ? local : `+86 ${local}`;
  }
  if (international === null) return `${MASK.repeat(4)}${digits.slice(-4)}`;
  const code = countryCode(international);
  const rest = international.slice(code.length);
  // Some countries have numbers of six digits: four of them stay hidden.
  const shown = Math.max(0, Math.min(4, rest.length - 4));
  return `+${code} ${MASK.repeat(4)}${rest.slice(rest.length - shown)}`;
}

const LEAST = 8;

/** Country codes of one and two digits (ITU-T E.164); all others have three. */
const TWO = /^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

function countryCode(digits: string): string {
  if (/^[17]/.test(digits)) return digits.slice(0, 1);
  return digits.slice(0, TWO.test(digits) ? 2 : 3);
}
