// What axe finds on a page that is serious or critical, in a line each.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Serious and critical findings: the rule, and what it is about. */
export async function seriousIn(page: Page): Promise<string[]> {
  // In one page: the other way opens a blank one. Without preloading: it writes a style into shadow roots, which the
  // content policy refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ preload: false }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    );
}
