// What runs out of its place on a page.
import type { Page } from 'playwright-core';

/** The texts whose right end lies outside their card, or outside the screen; what ends in an ellipsis stays inside. */
export function textOutsideCard(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (parent === null || !parent.checkVisibility() || parent.closest('.cut, .sr, .skip, [aria-hidden="true"]'))
        continue;
      const place = parent.closest('.card, .strip, .ql, td, body')?.getBoundingClientRect();
      const range = new Range();
      range.selectNodeContents(node);
      const right = Math.max(0, ...[...range.getClientRects()].map((rect) => rect.right));
      if (right > Math.min(place?.right ?? innerWidth, innerWidth) + 1)
        found.push(`${(node.textContent ?? '').slice(0, 30)} ends at ${Math.round(right)}`);
    }
    return found;
  });
}
