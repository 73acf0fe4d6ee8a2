// Language tags (BCP 47) in their canonical form.

const FORM = /^[A-Za-z0-9-]{1,35}$/;

/** The canonical form of a language tag, or null for an invalid one. */
export function canonicalLanguage(tag: string): string | null {
  if (!FORM.test(tag)) return null;
  try {
    const [canonical = ''] = Intl.getCanonicalLocales(tag);
    // The canonical form can be longer than the input, and must be a valid tag itself.
    return FORM.test(canonical) && Intl.getCanonicalLocales(canonical)[0] === canonical ? canonical : null;
  } catch {
    return null;
  }
}
