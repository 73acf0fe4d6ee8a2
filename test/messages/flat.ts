// Texts of a catalogue in one list.

export type Texts = { readonly [key: string]: string | Texts };

/** Every text by its path. */
export function flat(texts: Texts, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') found.set(here, value);
    else for (const [deeper, text] of flat(value, here)) found.set(deeper, text);
  }
  return found;
}
