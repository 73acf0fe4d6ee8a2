// Id of the last person who signed in in this window. Drafts and searches of that person are kept, and dropped before
// another person sees the page.
let last: string | null = null;

/** Remembers the signed-in person. Returns false after a change of person and reloads the window at `path`. */
export function isSamePerson(id: string, path: string): boolean {
  const before = last;
  last = id;
  if (before === null || before === id) return true;
  // Drafts, searches, sessions and caches are module state; a reload clears all of it.
  location.assign(path);
  return false;
}
