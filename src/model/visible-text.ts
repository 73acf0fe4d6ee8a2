// What of a text its reader can see.

/** Whether anything of the text can be seen: a letter, a digit, a mark or a symbol. */
export function isVisible(text: string): boolean {
  return /[^\p{C}\p{Z}]/u.test(text);
}

/** Whether a text has a control character other than tabs and line ends. */
export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern finds control characters
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text);
}

/**
 * Whether a text is one line of which each character can be seen. Joiners between two letters or symbols and variation
 * selectors are part of what is seen: names in Persian, Hindi and Japanese are written with them.
 */
export function isVisibleLine(text: string): boolean {
  const hidden = /(?![\p{Join_Control}\p{Variation_Selector}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;
  const looseJoiner = /(?<![\p{L}\p{M}\p{S}])\p{Join_Control}|\p{Join_Control}(?![\p{L}\p{M}\p{S}])/u;
  const looseSelector = /(?<![\p{L}\p{M}\p{N}\p{P}\p{S}])\p{Variation_Selector}/u;
  return isVisible(text) && ![hidden, looseJoiner, looseSelector].some((pattern) => pattern.test(text));
}
