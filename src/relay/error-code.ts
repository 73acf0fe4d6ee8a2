// Codes of errors, for logs and messages.

/** The code of an error, never its message: messages of the file system contain paths. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  return /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : 'unknown';
}
