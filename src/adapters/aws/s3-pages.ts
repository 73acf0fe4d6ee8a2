// Listings that come in pages.

/** Page after page, each asked for by what the one before it said; null asks for the first. */
export async function* pagesOf<P extends { readonly IsTruncated?: boolean | undefined }>(
  ask: (before: P | null) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  let page = await ask(null);
  yield page;
  while (page.IsTruncated === true) {
    page = await ask(page);
    yield page;
  }
}
