// Normal text: the form in which texts are compared, whatever their spelling.

/** Normalizes a value so that spellings match: NFC, Unicode White_Space trimmed, lower case, NFC. */
export function normalText(text: string): string {
  return trimmed(text.normalize('NFC')).toLowerCase().normalize('NFC');
}

const SPACE = /\p{White_Space}/u;

/** Trims White_Space at both ends in one pass: a regular expression takes quadratic time. */
function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && SPACE.test(text.charAt(from))) from++;
  while (to > from && SPACE.test(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
