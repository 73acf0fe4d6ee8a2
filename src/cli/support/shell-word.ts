// Words for a POSIX shell.

/** Quotes a text as one shell word; leaves it bare where no quotes are needed. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
