// Language tags (BCP 47) in their canonical form.

/** The canonical form of a language tag, or null where the text is none. */
export function canonicalLanguage(tag: string): string | null {
  if (!/^[A-Za-z0-9-]{1,35}$/.test(tag)) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
