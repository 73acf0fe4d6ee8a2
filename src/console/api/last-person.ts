// Who was signed in in this window last: what they typed and searched for stays for them, and goes before anybody else.
let last: string | null = null;

/** Remembers who is signed in. Where it is somebody else than before, the window is loaded anew at `path`: false. */
export function isSamePerson(id: string, path: string): boolean {
  const before = last;
  last = id;
  if (before === null || before === id) return true;
  // Drafts, searches, sessions and caches are modules' own: a new page has none of them.
  location.assign(path);
  return false;
}
