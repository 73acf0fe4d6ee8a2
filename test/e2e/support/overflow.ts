// Parts of a page that overflow their place or are cut off.
import type { Page } from 'playwright-core';

/** Widths of a small phone, a phone, a tablet, and the screens that people work at. */
export const WIDTHS = [320, 390, 768, 1280, 1366, 1440, 1920] as const;

/** Consecutive equal results before a finding counts, because a resized page takes some frames to settle. */
const STABLE_LOOKS = 3;

/** Findings once the page has settled, one per line. */
export async function overflowingParts(page: Page): Promise<string[]> {
  let found = await measured(page);
  for (let same = 1; same < STABLE_LOOKS && found.length > 0; ) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 50)));
    const again = await measured(page);
    same = again.join() === found.join() ? same + 1 : 1;
    found = again;
  }
  return found;
}

function measured(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const PLACES = '.card, td, th, dd, .strip, .strip dl, .top, .nav, .btn, .seg, .tag, .chip, .ctl, [role="dialog"]';
    const CONTROLS = 'button, a, input, select, textarea, [role="slider"]';
    const SIDEWAYS = 'pre, .curl';
    const found = new Set<string>();
    const edge = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth;
    if (wide > edge) found.add(`the page is ${wide} wide`);

    const styles = new Map<Element, CSSStyleDeclaration>();
    const styleOf = (element: Element): CSSStyleDeclaration => {
      const style = styles.get(element) ?? getComputedStyle(element);
      styles.set(element, style);
      return style;
    };
    const boxes = new Map<Element, DOMRect>();
    const boxOf = (element: Element): DOMRect => {
      const box = boxes.get(element) ?? element.getBoundingClientRect();
      boxes.set(element, box);
      return box;
    };
    const isForEars = (element: Element): boolean => {
      for (let at: Element | null = element; at !== null; at = at.parentElement)
        if (styleOf(at).clipPath === 'inset(50%)') return true;
      return element.closest('.skip, .watermark') !== null;
    };
    const isSeen = (element: Element): boolean =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isForEars(element);
    const says = (element: Element): string => {
      const text = (element.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 40);
      return `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} “${text}”`;
    };
    const hides = (overflow: string): boolean => overflow === 'hidden' || overflow === 'clip';
    const scrolls = (overflow: string): boolean => overflow === 'auto' || overflow === 'scroll';

    /** Visible part of a box, and what cut it. */
    const within = (from: Element, box: { left: number; right: number; bottom: number }) => {
      let { left, right } = box;
      let cut: Element | null = null;
      let sideways: Element | null = null;
      let down = true;
      for (let at: Element | null = from; at !== null && at !== document.body; at = at.parentElement) {
        const { overflowX, overflowY, textOverflow, position } = styleOf(at);
        const place = boxOf(at);
        const past = right > place.right + 1 || left < place.left - 1;
        const short = textOverflow === 'ellipsis' && at.scrollWidth > at.clientWidth + 1;
        if (hides(overflowX) && (past || short)) cut ??= at;
        if (scrolls(overflowX) && past && !at.matches(SIDEWAYS)) sideways ??= at;
        if (scrolls(overflowY)) down = false;
        if (down && hides(overflowY) && box.bottom > place.bottom + 3) cut ??= at;
        if (hides(overflowX) || scrolls(overflowX))
          [left, right] = [Math.max(left, place.left), Math.min(right, place.right)];
        if (position === 'fixed') break;
      }
      return { left, right, cut, sideways };
    };

    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const [parent, text] = [node.parentElement, (node.textContent ?? '').trim()];
      if (parent === null || text === '' || !isSeen(parent) || parent.closest('select, svg') !== null) continue;
      const range = new Range();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()];
      if (rects.length === 0) continue;
      const box = {
        left: Math.min(...rects.map(({ left }) => left)),
        right: Math.max(...rects.map(({ right }) => right)),
        bottom: Math.max(...rects.map(({ bottom }) => bottom)),
      };
      const { right, left, cut, sideways } = within(parent, box);
      const titled = parent.closest('[title]')?.getAttribute('title') ?? '';
      const shown = titled.includes(text) || parent.closest('button[aria-expanded]') !== null;
      if (cut !== null && !shown) found.add(`cut by ${says(cut)}: “${text.slice(0, 40)}”`);
      if (sideways !== null) found.add(`scrolls sideways: ${says(sideways)}`);
      if (right > edge + 1 || left < -1) found.add(`beyond the window: “${text.slice(0, 40)}”`);
    }

    for (const element of document.body.querySelectorAll('*')) {
      if (!isSeen(element) || element.closest('svg') !== null) continue;
      const box = boxOf(element);
      if (box.width === 0 || box.height === 0 || element.parentElement === null) continue;
      const { left, right } = within(element.parentElement, { left: box.left, right: box.right, bottom: 0 });
      if (right > edge + 1 || left < -1) found.add(`beyond the window: ${says(element)}`);
      if (element.matches(CONTROLS) && (box.right > right + 1 || box.left < left - 1))
        found.add(`a control is cut: ${says(element)}`);
      const place = element.parentElement.closest(PLACES);
      if (place === null || styleOf(element).position === 'fixed') continue;
      const { left: from, right: to } = boxOf(place);
      if (right > to + 1 || left < from - 1)
        found.add(`${says(element)} sticks out of ${says(place)} by ${Math.round(Math.max(right - to, from - left))}`);
    }
    return [...found];
  });
}

/** Texts whose right end is outside their card or the screen; text with an ellipsis is inside. */
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
