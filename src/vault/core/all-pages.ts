// The rows of a list that is read in pages, newest first.

/** Rows of one page. */
export const PAGE_ROWS = 200;

/** The rows of all pages; `page` returns at most `PAGE_ROWS`, after the row with this id. */
export async function allPages<R extends { readonly id: string }>(
  page: (before: string | null, limit: number) => Promise<R[]>,
): Promise<R[]> {
  const rows: R[] = [];
  for (let last: R[] | null = null; last === null || last.length === PAGE_ROWS; rows.push(...last))
    last = await page(rows.at(-1)?.id ?? null, PAGE_ROWS);
  return rows;
}
